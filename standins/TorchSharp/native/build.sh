#!/bin/sh
# Compiles the shim: build.sh OUTPUT. Against the libtorch in $LIBTORCH where that is set, else the system's.
# What goes wrong is said in the form that MSBuild shows as an error.
set -u

output=$1
here=$(cd "$(dirname "$0")" && pwd)

fail() {
    echo "TorchSharp.StandIn : error SHIM001: $1"
    exit 1
}

debian="apt-get install -y g++ libtorch-dev libopenblas0-pthread"

command -v g++ > /dev/null || fail "g++ is missing. Run: $debian"

if [ -n "${LIBTORCH:-}" ]; then
    [ -f "$LIBTORCH/include/torch/version.h" ] ||
        fail "LIBTORCH is '$LIBTORCH', which has no include/torch/version.h. Run: export LIBTORCH=<folder with include/ and lib/>"
    include="-isystem $LIBTORCH/include -isystem $LIBTORCH/include/torch/csrc/api/include"
    libraries=$LIBTORCH/lib
    link="-L$libraries -Wl,-rpath,$libraries"
    # A libtorch built with the old string ABI has no symbol that names the new one.
    if ! grep -q __cxx11 "$libraries/libc10.so"; then
        include="$include -D_GLIBCXX_USE_CXX11_ABI=0"
    fi
else
    [ -f /usr/include/torch/csrc/api/include/torch/version.h ] || fail "libtorch is missing. Run: $debian"
    include="-isystem /usr/include/torch/csrc/api/include"
    libraries=
    link=
fi

# The CUDA libraries register their operators when they load, so they are linked although nothing names them.
cuda=
if [ -n "$libraries" ] && [ -f "$libraries/libtorch_cuda.so" ]; then
    cuda="-ltorch_cuda -lc10_cuda"
fi

mkdir -p "$(dirname "$output")"
# shellcheck disable=SC2086
g++ -std=c++17 -O2 -ftree-vectorize -fno-math-errno -fPIC -shared -fvisibility=hidden -Wall $include \
    "$here"/operators.cpp "$here"/tensors.cpp "$here"/adamw.cpp "$here"/attention.cpp -o "$output.$$" \
    $link -Wl,--no-as-needed -ltorch -ltorch_cpu -lc10 $cuda -ldl ||
    fail "the shim did not compile; g++ says why above"
mv "$output.$$" "$output"
