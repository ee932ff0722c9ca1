using System.Reflection;
using System.Reflection.Emit;

namespace Microsoft.ML.AudioTransformers.Tests.Core;

/// <summary>Which methods the compiled code of methods names: calls, constructors and delegates.</summary>
internal static class CompiledCalls
{
    private const BindingFlags Own = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static
        | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<ushort, OpCode> s_codes = typeof(OpCodes).GetFields()
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => (ushort)code.Value);

    /// <summary>The methods and constructors of an assembly.</summary>
    public static IEnumerable<MethodBase> MethodsOf(Assembly assembly) => assembly.GetTypes().SelectMany(MethodsOf);

    /// <summary>The methods and constructors that a type declares.</summary>
    public static IEnumerable<MethodBase> MethodsOf(Type type) =>
        [.. type.GetMethods(Own), .. type.GetConstructors(Own)];

    /// <summary>What a method names, generic ones as they are declared.</summary>
    public static IEnumerable<MethodBase> From(MethodBase method)
    {
        byte[] code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (int i = 0; i < code.Length;)
        {
            ushort value = code[i++];
            OpCode operation = s_codes[value == 0xFE ? (ushort)(0xFE00 | code[i++]) : value];
            if (operation.OperandType is OperandType.InlineMethod)
            {
                yield return Resolve(method, BitConverter.ToInt32(code, i));
            }

            i += operation.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, i)),
                _ => 4,
            };
        }
    }

    private static MethodBase Resolve(MethodBase method, int token)
    {
        Type[]? ofType = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
        Type[]? ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : null;
        MethodBase named = method.Module.ResolveMethod(token, ofType, ofMethod)!;
        return named.DeclaringType is { IsArray: true } ? named : named.Module.ResolveMethod(named.MetadataToken)!;
    }
}
