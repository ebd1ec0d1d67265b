import {
  featureRate,
  featureSecondsLeft,
  type FeatureWork,
} from '../../src/workflows/features/feature-rate';

/** 1,000 files, of which one took 20 seconds; the plan expects 100 seconds for all. */
const begun: FeatureWork = {
  left: 999,
  done: 1,
  workedMs: 20_000,
  formerRate: 0,
  expectedSeconds: 100,
};

it('the time left is that of the plan while few files have features', () => {
  expect(featureRate(begun)).toBe(0);
  expect(featureSecondsLeft(begun)).toBe(100);
  expect(featureSecondsLeft({ ...begun, left: 980, done: 20 })).toBe(98);
});

it('the time left follows from the measured rate once enough files have features', () => {
  const measured = { ...begun, left: 900, done: 100 };
  expect(featureRate(measured)).toBe(5);
  expect(featureSecondsLeft(measured)).toBe(180);
});

it('a rate from before the workflow continued as new holds until a new one is measured', () => {
  const continued = { ...begun, formerRate: 10, expectedSeconds: null };
  expect(featureSecondsLeft(continued)).toBe(100);
});

it('without an estimate, the first files are measured; without files, the time is unknown', () => {
  const old = { ...begun, expectedSeconds: null };
  expect(featureSecondsLeft(old)).toBe(19_980);
  expect(featureSecondsLeft({ ...old, done: 0 })).toBeNull();
});
