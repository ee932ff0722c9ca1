#!/usr/bin/env bash
# Makes data/: ten words spoken by 24 synthetic voices, and data/clips.csv, which lists them. Needs espeak-ng and sox
# (these were made with espeak-ng 1.51 and sox 14.4.2). The same versions make the same bytes: nothing in it is random.
# The voices of the split "test" are heard nowhere in "train": no clip of theirs, and no other voice of their variant.
set -euo pipefail
cd "$(dirname "$0")"
rm -rf data
mkdir data

words=(yes no up down left right stop go on off)

# accent, espeak-ng variant, split
voices=(
  "en-us m1 train"            "en-us m3 train"            "en-us f2 train"           "en-us Annie train"
  "en-gb m2 train"            "en-gb f1 train"            "en-gb m5 train"           "en-gb-scotland m4 train"
  "en-gb-scotland f4 train"   "en-gb-x-rp m6 train"       "en-gb-x-rp f5 train"      "en-gb-x-gbclan m8 train"
  "en-gb-x-gbclan linda train" "en-gb-x-gbcwmd Andy train" "en-gb-x-gbcwmd m7 train" "en-029 Alex train"
  "en-us-nyc adam train"      "en-us-nyc Alicia train"
  "en-us f3 test"             "en-gb Michael test"        "en-gb-scotland steph test"
  "en-gb-x-rp david test"     "en-gb-x-gbclan belinda test" "en-us-nyc Mike test"
)

takes_of() { [ "$1" = train ] && echo 3 || echo 2; }

take=0
for entry in "${voices[@]}"; do
  read -r accent variant split <<<"$entry"
  voice="$accent-${variant,,}"
  for word in "${words[@]}"; do
    mkdir -p "data/$word"
    for n in $(seq "$(takes_of "$split")"); do
      # Speed (words a minute), pitch (0 to 99) and loudness (dB) walk through their ranges with periods that
      # share no factor: every word meets slow and fast, low and high, loud and quiet.
      speed=$((130 + take * 37 % 71))
      pitch=$((32 + take * 29 % 37))
      gain=$((3 + take * 7 % 11))
      take=$((take + 1))
      clip="$word/${voice}_$n.wav"
      # Cut the silence at both ends to 40 ms.
      espeak-ng -v "$accent+$variant" -s "$speed" -p "$pitch" --stdout "$word" |
        sox -D -t wav - -b 16 -c 1 "data/$clip" \
          gain -6 rate -h 16000 norm -1 silence 1 0.005 0.1% reverse silence 1 0.005 0.1% reverse \
          pad 0.04 0.04 gain "-$gain"
      echo "$clip,$word,$voice,$split" >>data/clips.unsorted
    done
  done
done

{ echo "Path,Label,Voice,Split"; LC_ALL=C sort data/clips.unsorted; } >data/clips.csv
rm data/clips.unsorted
