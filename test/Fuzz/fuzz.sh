#!/usr/bin/env bash
# Fuzzes the parsers with AFL++, which the instrumented library guides by the branches that an input takes:
#   test/Fuzz/fuzz.sh [seconds for each parser, 3600] [parsers; all]
# It needs afl-fuzz (Debian: afl++). Seeds are the fixtures of the tests; what is found lies in artifacts/fuzz/PARSER, and one
# line for each parser is printed: executions, inputs that took new branches, share of the map, crashes, hangs.
set -e
cd "$(dirname "$0")/../.."
seconds=${1:-3600}
shift || true
parsers=${*:-wav flac mpeg vorbis opus safetensors torch table}
out=artifacts/fuzz
mkdir -p "$out"
[ -x "$out/tools/sharpfuzz" ] || dotnet tool install SharpFuzz.CommandLine --tool-path "$out/tools" > /dev/null
# No hard links: what is instrumented must not be the file that other programs have.
dotnet build test/Fuzz -c Release -p:RunAnalyzers=false -p:CreateHardLinksForCopyLocalIfPossible=false -v q -o "$out/bin" \
    > /dev/null
for name in AudioFeaturization AudioDatasets AudioTransformers; do
    "$out/tools/sharpfuzz" "$out/bin/Microsoft.ML.$name.dll"
done

# AFL's own files, small ones first: it wants seeds of a few kilobytes.
seed() {
    mkdir -p "$out/seeds/$1"
    find "${@:3}" -type f -name "$2" -size -24k -exec cp -n {} "$out/seeds/$1/" \; 2> /dev/null || true
}

fixtures=test/Microsoft.ML.AudioFeaturization.Tests/Audio/Formats/Fixtures
goldens=test/goldens/checkpoints
seed wav '*.wav' samples/SpokenCommands/data "$fixtures"
seed flac '*.flac' "$fixtures"
seed mpeg '*.mp3' "$fixtures"
seed vorbis 'vorbis*.ogg' "$fixtures"
seed opus '*.opus' "$fixtures"
seed safetensors '*.safetensors' test/Microsoft.ML.AudioTransformers.Tests/Checkpoints "$goldens"
seed torch '*.pt*' "$goldens" test/Microsoft.ML.AudioTransformers.Tests/Checkpoints
mkdir -p "$out/seeds/table"
printf 'filename,fold,target\n"a,""b"".wav",1,3\nc.wav,5,4\n' > "$out/seeds/table/a.csv"

for parser in $parsers; do
    rm -rf "${out:?}/$parser"
    AFL_SKIP_BIN_CHECK=1 AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_AFFINITY=1 \
        nice -n 19 timeout $((seconds + 120)) afl-fuzz -i "$out/seeds/$parser" -o "$out/$parser" -t 5000 -m none -V "$seconds" \
        -- dotnet "$out/bin/AudioMLNet.Fuzz.dll" "$parser" > "$out/$parser.log" 2>&1 || tail -5 "$out/$parser.log"
    awk -F ' *: *' -v parser="$parser" '{ v[$1] = $2 } END { print parser ": " v["execs_done"] " executions, " v["corpus_count"] \
        " inputs, " v["bitmap_cvg"] " of the map, " v["saved_crashes"] " crashes, " v["saved_hangs"] " hangs" }' \
        "$out/$parser/default/fuzzer_stats" || true
done
