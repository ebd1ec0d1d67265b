import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { latestMarker, takeOver } from '../../../../src/download/hosts/shared/owner-marker';

describe('the marker of the owner of shared budgets', () => {
  let root: string;
  beforeEach(() => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-marker-'));
    fs.mkdirSync(path.join(root, 'lease'));
    takeOver(root, null, 'a.sock');
  });
  afterEach(() => {
    fs.rmSync(root, { recursive: true });
  });

  it('names no socket when its file was torn by a loss of power', () => {
    for (const torn of ['', '{"v":1,"soc', '{"v":1}']) {
      fs.writeFileSync(markerOf(root), torn);
      expect(latestMarker(root)).toEqual({ number: 1, socket: '' });
    }
  });

  it('throws when its file cannot be read, because the owner may be alive', () => {
    const marker = markerOf(root);
    fs.rmSync(marker);
    fs.mkdirSync(marker);
    expect(() => latestMarker(root)).toThrow('EISDIR');
  });
});

function markerOf(root: string): string {
  const [name = ''] = fs.readdirSync(path.join(root, 'lease'));
  return path.join(root, 'lease', name);
}
