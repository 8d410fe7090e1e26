#!/usr/bin/env bash
# Checks training on a graphics processor, in less than five minutes. It installs nothing, and leaves nothing behind.
#
#     bash tools/check_device.sh
#
# Names, a text and a transformer are trained by the same steps on the device and on the processor: their held-out
# losses must agree. A run that is killed and resumed must end at the loss of one that was not. Then each is trained for
# ten seconds as usual, and rates are printed. Without a CUDA device it says so, in one line. DEVICE names another one:
# `DEVICE=cpu` compares the processor with itself, which tries this script.
set -euo pipefail
cd "$(dirname "$0")/.."
export PYTHONPATH=$PWD/src
device=${DEVICE:-cuda}
# Nats per symbol. Products on a device are rounded otherwise (cuDNN's to 10 bits), and steps repeat the difference.
most=0.02

if ! why=$(python - "$device" 2>&1 << 'PYTHON'
import sys
try:
    import torch
except ImportError:
    sys.exit("torch is not installed here: there is no device to check")
if sys.argv[1] == "cuda" and not torch.cuda.is_available():
    sys.exit("torch finds no CUDA device here: there is none to check")
name = torch.cuda.get_device_name() if sys.argv[1] == "cuda" else sys.argv[1]
print(f"{name}; torch {torch.__version__}, CUDA {torch.version.cuda}, cuDNN {torch.backends.cudnn.version()}")
PYTHON
); then
  echo "$why"
  exit 0
fi
echo "$why"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# The project's own pages are the text.
cat README.md docs/*.md docs/*/*.md > "$scratch/text.txt"
failed=0

# What each is: the corpus and the options that both devices get. Sizes are given, since usual ones follow the device.
declare -A what=(
  [names]="--steps 300 --hidden 128"
  [text]="$scratch/text.txt --format text --steps 150 --hidden 256"
  [transformer]="$scratch/text.txt --format text --cell transformer --steps 100 --hidden 128"
)

# train NAME OPTION... leaves NAME.json, with the seconds that the command took.
train() {
  local name=$1 began=$EPOCHREALTIME
  shift
  python -m mangosaurus train "$@" --seed 1 --quiet --json --out "$scratch/$name.safetensors" > "$scratch/$name.json" \
    2> "$scratch/$name.err" || { cat "$scratch/$name.err"; return 1; }
  echo "$began $EPOCHREALTIME" > "$scratch/$name.times"
}

# said NAME prints the held-out loss of the networks and the rate.
said() {
  python - "$scratch/$1" << 'PYTHON'
import json, sys
with open(f"{sys.argv[1]}.json") as told, open(f"{sys.argv[1]}.times") as times:
    run = json.load(told)["training"]
    began, ended = map(float, times.read().split())
seconds, read = ended - began, run["epochs"] * run["symbols"]
print(f"{run['held_out_network']:.4f} {read / seconds:,.0f} {seconds:.1f} {run['plan']['hidden']} {run['held_out']:.3f}")
PYTHON
}

# agree A B: whether two losses do.
agree() {
  python -c "import sys; sys.exit(abs($1 - $2) > $most)"
}

for name in names text transformer; do
  read -ra options <<< "${what[$name]}"
  train "$name.cpu" "${options[@]}" --device cpu --precision 32
  train "$name.device" "${options[@]}" --device "$device" --precision 32
  read -r ours rate seconds _ <<< "$(said "$name.cpu")"
  read -r theirs rate_there seconds_there _ <<< "$(said "$name.device")"
  line="$name: held-out loss $theirs on $device, $ours on the processor; $rate_there and $rate symbols/s"
  line+=" ($seconds_there and $seconds s with the start)"
  if agree "$ours" "$theirs"; then echo "$line"; else echo "$line: they differ by more than $most"; failed=1; fi
done

# Killed as soon as there is a second checkpoint, or when it has ended.
read -ra options <<< "${what[text]}"
options+=(--device "$device" --precision 32)
python -m mangosaurus train "${options[@]}" --seed 1 --quiet --out "$scratch/killed.safetensors" \
  --checkpoint "$scratch/kept" --every 0.2s > /dev/null 2>&1 &
run=$!
python - "$scratch/kept" "$run" << 'PYTHON'
import os, sys, time
from pathlib import Path
folder, end, seen = Path(sys.argv[1]), time.monotonic() + 120, set()
while time.monotonic() < end and len(seen) < 3:
    seen |= {each.name for each in folder.glob("*") if each.suffix == ".safetensors"} if folder.is_dir() else set()
    try:
        os.kill(int(sys.argv[2]), 0)
    except ProcessLookupError:
        break
    time.sleep(0.02)
PYTHON
kill -KILL "$run" 2> /dev/null || echo "resuming: the run ended before it could be killed"
wait "$run" 2> /dev/null || true
train resumed "${options[@]}" --resume "$scratch/kept" --force
read -r resumed _ <<< "$(said resumed)"
read -r unbroken _ <<< "$(said text.device)"
line="resuming: held-out loss $resumed after a kill, $unbroken without"
if agree "$resumed" "$unbroken"; then echo "$line"; else echo "$line: they differ by more than $most"; failed=1; fi

declare -A usual=(
  [names]=""
  [text]="$scratch/text.txt --format text"
  [transformer]="$scratch/text.txt --format text --cell transformer"
)
for name in names text transformer; do
  read -ra options <<< "${usual[$name]}"
  train "$name.usual" "${options[@]}" --device "$device" --budget 10s
  read -r loss rate seconds hidden mixed <<< "$(said "$name.usual")"
  echo "$name as usual, 10 s on $device: $hidden units, $rate symbols/s, held-out loss $loss, of the mixture $mixed"
done
exit "$failed"
