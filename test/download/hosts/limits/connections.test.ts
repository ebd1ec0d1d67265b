/** A host that refuses connections gets fewer of them, and more again when it answers. */
import { Connections } from '../../../../src/download/hosts/limits/connections';

/** Takes a connection, and returns whether it was given without waiting for a release. */
async function isGivenAtOnce(connections: Connections): Promise<boolean> {
  let isGiven = false;
  void connections.take().then(() => (isGiven = true));
  await Promise.resolve();
  await Promise.resolve();
  return isGiven;
}

it('the place of a refused connection is given to no other request', async () => {
  const connections = new Connections(3, 0);
  for (let taken = 0; taken < 3; taken += 1) expect(await isGivenAtOnce(connections)).toBe(true);
  expect(connections.refused(false)).toBe(true);
  connections.release();
  expect(await isGivenAtOnce(connections)).toBe(false);
});

it('a host that refuses its only connection may be down', async () => {
  const connections = new Connections(3, 0);
  await connections.take();
  expect(connections.refused(false)).toBe(false);
});

it('a host that answered a moment ago is up, although it refuses its only connection', async () => {
  const connections = new Connections(3, 0);
  await connections.take();
  connections.answered();
  expect(connections.refused(false)).toBe(true);
});

it('one more connection is tried after twenty answers', async () => {
  const connections = new Connections(2, 0);
  await connections.take();
  await connections.take();
  connections.refused(false);
  connections.release();
  for (let answers = 0; answers < 19; answers += 1) connections.answered();
  expect(await isGivenAtOnce(connections)).toBe(false);
  connections.answered();
  connections.release();
  expect(await isGivenAtOnce(connections)).toBe(true);
});

it('the first connection that ends after its request may be due to its image', async () => {
  const connections = new Connections(3, 0);
  for (let taken = 0; taken < 3; taken += 1) await connections.take();
  expect(connections.refused(true)).toBe(false);
  expect(connections.refused(true)).toBe(true);
});

it('connections that end after their requests count together until twenty answers came', async () => {
  const connections = new Connections(3, 0);
  for (let taken = 0; taken < 3; taken += 1) await connections.take();
  expect(connections.refused(true)).toBe(false);
  for (let answers = 0; answers < 20; answers += 1) connections.answered();
  expect(connections.refused(true)).toBe(false);
});
