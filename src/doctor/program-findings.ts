/** The installed programs: Node, DuckDB, sharp. */
import type { Config } from '../config';
import { decoderVersion } from '../images/decoder-version';
import { databaseVersion } from '../warehouse/driver/database-version';
import { ailing, fine, firstLineOfMessage, type DoctorFinding } from './finding';

/** @param nodeRange for example ">=20.18.1". */
export async function programFindings(
  config: Config,
  nodeRange: string,
): Promise<readonly DoctorFinding[]> {
  return [nodeFinding(nodeRange), await duckdbFinding(config), await sharpFinding()];
}

function nodeFinding(nodeRange: string): DoctorFinding {
  const seen = `${process.version} on ${process.platform} ${process.arch}`;
  const least = nodeRange.replace(/^>=/, '');
  return isAtLeast(process.versions.node, least)
    ? fine('Node', seen)
    : ailing('program', 'Node', seen, `install Node ${least} or newer`);
}

function isAtLeast(version: string, least: string): boolean {
  return version.localeCompare(least, 'en', { numeric: true }) >= 0;
}

async function duckdbFinding({ database }: Config): Promise<DoctorFinding> {
  try {
    return fine('DuckDB', `${await databaseVersion(database)}, driver ${database.driver}`);
  } catch (error) {
    const next = 'unset ARTEMIS_DB_DRIVER, or run "npm ci" again on this machine';
    return ailing(
      'data',
      'DuckDB',
      `driver ${database.driver}: ${firstLineOfMessage(error)}`,
      next,
    );
  }
}

async function sharpFinding(): Promise<DoctorFinding> {
  try {
    const { sharp, vips } = await decoderVersion();
    return fine('sharp', `${sharp}, libvips ${vips}`);
  } catch (error) {
    return ailing(
      'program',
      'sharp',
      firstLineOfMessage(error),
      'run "npm ci" again on this machine',
    );
  }
}
