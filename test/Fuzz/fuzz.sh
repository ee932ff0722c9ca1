#!/usr/bin/env bash
# Fuzzes the parsers with AFL++, which the instrumented libraries guide by the branches that an input takes:
#   [jobs=N] [resume=1] [limit=MS] test/Fuzz/fuzz.sh [seconds for each parser, 3600] [parsers; all]
#   test/Fuzz/fuzz.sh minimize [parsers; all]
# It needs afl-fuzz (Debian: afl++). Seeds are the fixtures of the tests and what the library writes; what is found lies in
# artifacts/fuzz/PARSER, from which resume=1 goes on. As many parsers as jobs run at a time, 1 where it is not set. At the end one
# line for each parser is printed: executions, inputs that took new branches, share of the map, crashes, hangs, CPU minutes.
# "minimize" chooses few small inputs of those for test/Fuzz/corpus, which Fuzz.Tests runs.
set -e
cd "$(dirname "$0")/../.."
out=artifacts/fuzz
fuzz=(dotnet "$out/bin/AudioMLNet.Fuzz.dll")
all="wav aiff au caf flac mpeg vorbis opus oggflac safetensors torch legacy pickle index config table lists model onnx workspace
    cache sweep shards"
command=$1
shift || true
parsers=${*:-$all}
mkdir -p "$out"

# What the parsers write stays in memory where it may.
temporary=$(mktemp -d -p /dev/shm 2> /dev/null || mktemp -d)
trap 'rm -rf "$temporary"' EXIT

if [ "$command" = minimize ]; then
    for parser in $parsers; do
        TMPDIR=$temporary "${fuzz[@]}" minimize "$parser" "$out/$parser/default/queue" "test/Fuzz/corpus/$parser"
    done
    exit
fi

seconds=${command:-3600}
[ -x "$out/tools/sharpfuzz" ] || dotnet tool install SharpFuzz.CommandLine --tool-path "$out/tools" > /dev/null
# No hard links: what is instrumented must not be the file that other programs have.
dotnet build test/Fuzz -c Release -p:RunAnalyzers=false -p:CreateHardLinksForCopyLocalIfPossible=false -v q -o "$out/bin" \
    > /dev/null
for name in CsvHelper Microsoft.ML.Audio{Featurization,Datasets,Shards,Transformers,Transformers.AutoML,Transformers.Onnx}; do
    "$out/tools/sharpfuzz" "$out/bin/$name.dll"
done

# The words of a format, by the parser.
dictionary() {
    case $1 in
        torch | legacy) echo pickle ;;
        index | sweep | shards) echo json ;;
        config | onnx | workspace) echo model ;;
        lists) echo table ;;
        *) echo "$1" ;;
    esac
}

# The time of the processors that a process and its descendants have had, in seconds.
spent() {
    ps -e -o pid= -o ppid= -o cputimes= | awk -v root="$1" '{ parent[$1] = $2; time[$1] = $3 } END { for (each in parent) {
        for (up = each; up != root && up in parent;) up = parent[up]
        if (up == root) all += time[each] } print all + 0 }'
}

run() {
    local parser=$1 before=0 input=$out/seeds/$1 words=test/Fuzz/dictionaries/$(dictionary "$1").dict
    if [ -n "$resume" ] && [ -d "$out/$parser/default/queue" ]; then
        input=-
        before=$(cat "$out/$parser.cpu" 2> /dev/null || echo 0)
    else
        rm -rf "${out:?}/$parser" "$input"
        TMPDIR=$temporary "${fuzz[@]}" seeds "$parser" "$input"
    fi

    mkdir -p "$temporary/$parser"
    TMPDIR=$temporary/$parser AFL_SKIP_BIN_CHECK=1 AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 \
        AFL_NO_AFFINITY=1 setsid nice -n 19 timeout $((seconds + 600)) afl-fuzz -i "$input" -o "$out/$parser" -t "${limit:-5000}" -m none \
        -V "$seconds" $([ -f "$words" ] && echo "-x $words") -- "${fuzz[@]}" "$parser" > "$out/$parser.log" 2>&1 &
    local fuzzer=$!
    while kill -0 "$fuzzer" 2> /dev/null; do
        echo $((before + $(spent "$fuzzer"))) > "$out/$parser.cpu"
        sleep 5
    done

    wait "$fuzzer" || tail -5 "$out/$parser.log" || true
}

for parser in $parsers; do
    while [ "$(jobs -rp | wc -l)" -ge "${jobs:-1}" ]; do
        wait -n
    done
    run "$parser" &
done
wait
for parser in $parsers; do
    awk -F ' *: *' -v parser="$parser" -v cpu="$(cat "$out/$parser.cpu")" '{ v[$1] = $2 } END { printf \
        "%s: %d executions, %d inputs, %s of the map, %d crashes, %d hangs, %.1f CPU minutes\n", parser, v["execs_done"], \
        v["corpus_count"], v["bitmap_cvg"], v["saved_crashes"], v["saved_hangs"], cpu / 60 }' \
        "$out/$parser/default/fuzzer_stats" || true
done
