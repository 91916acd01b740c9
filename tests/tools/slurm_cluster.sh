#!/usr/bin/env bash
# A Slurm cluster of one node, in a folder of its own: settings, state, logs; nothing in /etc.
#   tests/tools/slurm_cluster.sh up FOLDER [CPUS]    starts it, with CPUS, more than there are or not
#   export SLURM_CONF=FOLDER/slurm.conf PATH="FOLDER/bin:$PATH"
#   tests/tools/slurm_cluster.sh down FOLDER         stops it
# Memory is scheduled, but not enforced. FOLDER is one that others may enter, as munge wants it.
set -euo pipefail
D=$(realpath -m "$2")
export PATH="$PATH:/usr/sbin" SLURM_CONF="$D/slurm.conf"

if [ "$1" = down ]; then
  scontrol shutdown || true
  for daemon in slurmd slurmctld munged; do
    pid=$(cat "$D/$daemon.pid" 2>/dev/null) || continue
    for _ in $(seq 50); do kill "$pid" 2>/dev/null || break; sleep 0.1; done
  done
  exit
fi

mkdir -p "$D"/{state,spool,bin}
chmod 0755 "$D"
(umask 077; head -c 128 /dev/urandom > "$D/munge.key")
cat > "$SLURM_CONF" <<CONF
ClusterName=local
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
SlurmctldPort=16817
SlurmdPort=16818
AuthInfo=socket=$D/munge.socket
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerType=sched/builtin
SchedulerParameters=batch_sched_delay=0,sched_interval=1
MpiDefault=none
ReturnToService=2
MinJobAge=3600
StateSaveLocation=$D/state
SlurmdSpoolDir=$D/spool
SlurmctldPidFile=$D/slurmctld.pid
SlurmdPidFile=$D/slurmd.pid
SlurmctldLogFile=$D/slurmctld.log
SlurmdLogFile=$D/slurmd.log
SlurmdParameters=config_overrides
NodeName=$(hostname -s) NodeAddr=127.0.0.1 CPUs=${3:-$(nproc)} RealMemory=$(awk '/MemTotal/ {print int($2 * 0.9 / 1024)}' /proc/meminfo)
PartitionName=main Nodes=ALL Default=YES
CONF
# The executor takes SLURM_CONF from the environment of srun, so srun must know it.
printf '#!/bin/sh\nSLURM_CONF=%q exec /usr/bin/srun "$@"\n' "$SLURM_CONF" > "$D/bin/srun"
# It asks sacct once scontrol has not answered, and forgets all jobs if that fails, as it does without
# accounting; of this one, which says nothing, it asks again.
printf '#!/bin/sh\n' > "$D/bin/sacct"
chmod +x "$D"/bin/*
munged --key-file="$D/munge.key" --socket="$D/munge.socket" --pid-file="$D/munged.pid" \
  --log-file="$D/munge.log" --seed-file="$D/munge.seed"
slurmctld -c
slurmd
for _ in $(seq 300); do [ "$(sinfo -h -o %t 2>/dev/null)" = idle ] && break; sleep 0.1; done
sinfo
