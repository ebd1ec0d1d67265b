#!/bin/sh
# Makes Temporal's two databases and brings their schema up to date. Safe to run again.
set -eu

schema=/etc/temporal/schema/postgresql/v12
tool() {
  database=$1
  shift
  temporal-sql-tool --plugin postgres12 --ep "$POSTGRES_SEEDS" -u "$POSTGRES_USER" -p "$DB_PORT" --db "$database" "$@"
}

until nc -z -w 5 "$POSTGRES_SEEDS" "$DB_PORT"; do sleep 1; done

for pair in temporal:temporal temporal_visibility:visibility; do
  database=${pair%%:*}
  folder=${pair##*:}
  tool "$database" create
  tool "$database" setup-schema -v 0.0
  tool "$database" update-schema -d "$schema/$folder/versioned"
done
