#!/bin/bash
# One part of a load test as a task of an array, gathered at $GATHERER; see many-generators.md. The target
# is $HOST; the files `key` and `token` lie where it is submitted. The plan is what stands behind it on the
# command line, the same for all parts: sbatch --array=1-4 slurm.sh --visitors 8000/s
#SBATCH --job-name=lamplighter-load
#SBATCH --cpus-per-task=2
#SBATCH --time=00:20:00
set -u
mkdir -p results
lamplighter load --gather "$GATHERER" --gather-token-file token \
  --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" \
  --host "$HOST" --admin-key-file key \
  --json "results/$SLURM_ARRAY_TASK_ID.json" --wrong "results/wrong-$SLURM_ARRAY_TASK_ID" \
  --quiet "$@"
code=$?
# 1 is a gate that failed: the gatherer says it of the whole.
[ "$code" -le 1 ]
