#!/bin/sh
# Makes the namespace "default" when the server does not have it. Safe to run again.
set -eu

until temporal operator cluster health >/dev/null 2>&1; do sleep 1; done

if ! temporal operator namespace describe -n default >/dev/null 2>&1; then
  temporal operator namespace create -n default --retention 30d
fi
