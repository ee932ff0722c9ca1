using System.Runtime.CompilerServices;
using System.Text;

namespace TorchSharp.Interop;

/// <summary>
/// One of libtorch's operators, looked up when it is first called: which exist depends on libtorch's version.
/// </summary>
internal sealed unsafe class Operator
{
    private readonly string name;
    private readonly string overload;
    private nint handle;

    /// <param name="signature">
    /// The operator's name and overload, for example "add.Tensor"; by default the name of the field that holds it.
    /// </param>
    internal Operator([CallerMemberName] string signature = "")
    {
        int dot = signature.IndexOf('.', StringComparison.Ordinal);
        name = dot < 0 ? signature : signature[..dot];
        overload = dot < 0 ? "" : signature[(dot + 1)..];
    }

    /// <summary>The native operator.</summary>
    /// <exception cref="System.Runtime.InteropServices.ExternalException">There is no such operator.</exception>
    internal nint Handle
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => handle != 0 ? handle : Find();
    }

    /// <summary>Whether this libtorch has the operator.</summary>
    internal bool Exists
    {
        get
        {
            fixed (byte* nativeName = Utf8("aten::" + name), nativeOverload = Utf8(overload))
            {
                return Shim.shim_operator_exists(nativeName, nativeOverload) == 1;
            }
        }
    }

    /// <summary>The number of arguments that the operator has in this libtorch.</summary>
    internal int Arity => Shim.shim_operator_arity(Handle);

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text + "\0");

    private nint Find()
    {
        fixed (byte* nativeName = Utf8("aten::" + name), nativeOverload = Utf8(overload))
        {
            return handle = Shim.Check(Shim.shim_operator_find(nativeName, nativeOverload));
        }
    }
}
