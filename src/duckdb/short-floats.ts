/**
 * FLOAT values with few digits, as DuckDB writes them. A FLOAT of 0.3 is 0.30000001192092896 as a
 * number of JavaScript; the shortest decimal that is the same FLOAT is 0.3.
 */
import {
  DuckDBArrayValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTypeId,
  JsonDuckDBValueConverter,
  type DuckDBType,
  type DuckDBValue,
  type DuckDBValueConverter,
  type Json,
} from '@duckdb/node-api';

/** Decimal digits that distinguish any FLOAT from every other. */
const MOST_DIGITS = 9;

/**
 * The shortest decimal that is the same FLOAT. Whole numbers stay as they are.
 *
 * @param value a number that a FLOAT represents exactly, NaN or an infinity.
 */
export function shortFloat(value: number): number {
  if (Number.isSafeInteger(value)) return value;
  for (let digits = 1; digits < MOST_DIGITS; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(MOST_DIGITS));
}

/** Values as JSON, as the package's own converter gives them, with short FLOATs at any depth. */
export const jsonWithShortFloats: DuckDBValueConverter<Json> = (value, type, converter) =>
  isFloat(type, value) && Number.isFinite(value)
    ? shortFloat(value)
    : JsonDuckDBValueConverter(value, type, converter);

/** The same value of the package, with short FLOATs at any depth. */
export function withShortFloats(value: DuckDBValue, type: DuckDBType): DuckDBValue {
  if (isFloat(type, value)) return shortFloat(value);
  if (value instanceof DuckDBListValue && type.typeId === DuckDBTypeId.LIST)
    return new DuckDBListValue(value.items.map((item) => withShortFloats(item, type.valueType)));
  if (value instanceof DuckDBArrayValue && type.typeId === DuckDBTypeId.ARRAY)
    return new DuckDBArrayValue(value.items.map((item) => withShortFloats(item, type.valueType)));
  if (value instanceof DuckDBStructValue && type.typeId === DuckDBTypeId.STRUCT) {
    const entries = Object.entries(value.entries).map(([name, entry], index) => {
      const entryType = type.entryTypes[index];
      return [name, entryType === undefined ? entry : withShortFloats(entry, entryType)];
    });
    return new DuckDBStructValue(Object.fromEntries(entries) as Record<string, DuckDBValue>);
  }
  if (value instanceof DuckDBMapValue && type.typeId === DuckDBTypeId.MAP)
    return new DuckDBMapValue(
      value.entries.map((entry) => ({
        key: withShortFloats(entry.key, type.keyType),
        value: withShortFloats(entry.value, type.valueType),
      })),
    );
  return value;
}

function isFloat(type: DuckDBType, value: DuckDBValue): value is number {
  return type.typeId === DuckDBTypeId.FLOAT && typeof value === 'number';
}
