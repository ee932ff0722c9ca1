#!/usr/bin/env bash
# Makes a recording of any length in all formats, with sox, ffmpeg, flac, oggenc, opusenc and lame of Debian 12, and compares what this
# library decodes of each with another decoder, sample by sample:  long-corpus.sh FOLDER [SECONDS]
# An hour (3600 seconds, the default) takes less than 10 GB of the folder at a time. Prints a table in Markdown: what the header tells
# and what there is, in frames; the frames of the other decoder; the largest difference from it, and of parts that are read after a
# search from the same part of the whole; times real time. Fails if a count or a difference is not right.
set -euo pipefail
out=${1:?folder for the recordings}
seconds=${2:-3600}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$out"
benchmarks=$here/../../../../../benchmarks
dotnet build "$benchmarks" -c Release -v q -p:RunAnalyzers=false >&2
program=$(ls "$benchmarks"/bin/Release/net*/AudioMLNet.Benchmarks.dll)
cd "$out"

# Noise and tones that never repeat, softer and louder, left unlike right.
sox -R -n -r 44100 -c 2 -b 16 music.wav synth "$seconds" pinknoise synth "$seconds" sine mix 100-9000 tremolo 0.3 80 gain -6
sox -R music.wav -b 24 music24.wav rate 48000 gain -1
sox -R music.wav -c 1 -b 16 mono.wav rate 16000
sox -R -M music.wav music.wav music.wav -b 16 six.wav

failed=0
by_ffmpeg() { echo ffmpeg -nostdin -v error -i "$1" -f f32le -c:a pcm_f32le -; }
by_sox() { echo sox "$1" -t f32 -; }
by_opusdec() { echo opusdec --quiet --float --rate 48000 "$1" -; }
# NAME, largest difference, that of parts, and what the other decoder is.
compare() {
    dotnet "$program" corpus "$1" "$2" "$3" "${@:4}" || { echo "^ not right"; failed=1; }
    case $1 in music.wav | music24.wav | mono.wav | six.wav) ;; *) rm -f "$1" ;; esac
}
ff() { ffmpeg -nostdin -v error -y -i "$1" "${@:3}" "$2"; }

echo "| file | found | length | told | frames | other | difference | of parts | times real time |"
echo "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
for coding in pcm_u8 pcm_s16le pcm_s24le pcm_s32le pcm_f32le pcm_f64le pcm_alaw pcm_mulaw adpcm_ms; do
    ff music.wav "$coding.wav" -c:a $coding
    compare "$coding.wav" 0 0 $(by_ffmpeg "$coding.wav")
done
# ffmpeg multiplies where the standard adds shifted steps, and is 2e-3 away.
ff music.wav ima.wav -c:a adpcm_ima_wav; compare ima.wav 0 0 $(by_sox ima.wav)
ff music.wav rf64.wav -c:a pcm_s16le -rf64 always; compare rf64.wav 0 0 $(by_ffmpeg rf64.wav)
ff music.wav long.w64 -c:a pcm_s24le; compare long.w64 0 0 $(by_ffmpeg long.w64)
for coding in pcm_s16be pcm_f32be pcm_mulaw; do
    ff music.wav "$coding.aiff" -c:a $coding; compare "$coding.aiff" 0 0 $(by_ffmpeg "$coding.aiff")
    ff music.wav "$coding.au" -c:a $coding; compare "$coding.au" 0 0 $(by_ffmpeg "$coding.au")
    ff music.wav "$coding.caf" -c:a $coding; compare "$coding.caf" 0 0 $(by_ffmpeg "$coding.caf")
done

flac --silent --force -o best.flac -8 music.wav; compare best.flac 0 0 $(by_ffmpeg best.flac)
flac --silent --force -o fast.flac -0 music24.wav; compare fast.flac 0 0 $(by_ffmpeg fast.flac)
flac --silent --force -o mono.flac mono.wav; compare mono.flac 0 0 $(by_ffmpeg mono.flac)
flac --silent --force -o six.flac six.wav; compare six.flac 0 0 $(by_ffmpeg six.flac)
flac --silent --force --ogg -o music.oga music.wav; compare music.oga 0 0 $(by_ffmpeg music.oga)
flac --silent --force --no-seektable -o bare.flac music.wav; compare bare.flac 0 0 $(by_ffmpeg bare.flac)

for quality in -1 4 9; do
    oggenc --quiet -q $quality -o "q$quality.ogg" music.wav; compare "q$quality.ogg" 1e-4 0 $(by_ffmpeg "q$quality.ogg")
done
oggenc --quiet -o mono.ogg mono.wav; compare mono.ogg 1e-4 0 $(by_ffmpeg mono.ogg)

lame --quiet -b 128 music.wav cbr.mp3; compare cbr.mp3 1e-4 0 $(by_ffmpeg cbr.mp3)
lame --quiet -V 3 music.wav vbr.mp3; compare vbr.mp3 1e-4 0 $(by_ffmpeg vbr.mp3)
lame --quiet -t -V 6 -m m music.wav untagged.mp3; compare untagged.mp3 1e-4 0 $(by_ffmpeg untagged.mp3)
lame --quiet -b 32 mono.wav mpeg2.mp3; compare mpeg2.mp3 1e-4 0 $(by_ffmpeg mpeg2.mp3)
ff music.wav layer2.mp2 -c:a mp2 -b:a 192k; compare layer2.mp2 1e-4 0 $(by_ffmpeg layer2.mp2)

# A part of an Opus stream begins with another past than the whole has, and SILK, which predicts from far back, forgets a steady tone
# slowly: 9e-4 are left after five seconds, 1.1e-3 after the two that are decoded ahead.
opusenc --quiet --bitrate 96 music.wav music.opus; compare music.opus 1e-4 1e-3 $(by_opusdec music.opus)
opusenc --quiet --speech --bitrate 20 mono.wav speech.opus; compare speech.opus 1e-4 2e-3 $(by_opusdec speech.opus)
rm -f music.wav music24.wav mono.wav six.wav
exit $failed
