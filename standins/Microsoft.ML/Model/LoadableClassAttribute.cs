using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>The signature of what makes an instance from a saved model.</summary>
internal delegate void SignatureLoadModel(ModelLoadContext ctx);

/// <summary>
/// Says, on an assembly, which class a name in a saved model stands for: its loader type has a static method
/// <c>Create(IHostEnvironment, ModelLoadContext)</c> that returns the instance type, or such a constructor.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class LoadableClassAttribute : LoadableClassAttributeBase
{
    public LoadableClassAttribute(
        Type instType, Type argType, Type sigType, string userName, params string[] loadNames)
        : base(instType, instType, argType, sigType, userName, loadNames)
    {
    }

    public LoadableClassAttribute(
        Type instType, Type loaderType, Type argType, Type sigType, string userName, params string[] loadNames)
        : base(instType, loaderType, argType, sigType, userName, loadNames)
    {
    }
}

internal abstract class LoadableClassAttributeBase : Attribute
{
    protected LoadableClassAttributeBase(
        Type instType, Type loaderType, Type argType, Type sigType, string userName, string[] loadNames)
    {
        Contracts.CheckValue(instType, nameof(instType));
        Contracts.CheckValue(loaderType, nameof(loaderType));
        Contracts.CheckValue(sigType, nameof(sigType));
        Contracts.CheckParam(
            sigType.BaseType == typeof(MulticastDelegate),
            nameof(sigType),
            "LoadableClass signature type must be a delegate type");
        InstanceType = instType;
        LoaderType = loaderType;
        SignatureType = sigType;
        LoadNames = loadNames?.Length > 0 ? loadNames : [userName];
        Contracts.CheckParam(
            !Array.Exists(LoadNames, string.IsNullOrWhiteSpace),
            nameof(loadNames),
            "LoadableClass loadName parameter can't be empty");
        IEnumerable<Type> parameters = sigType.GetMethod("Invoke").GetParameters().Select(p => p.ParameterType);
        CtorTypes = argType == null ? [.. parameters] : [argType, .. parameters];
    }

    public Type InstanceType { get; }

    public Type LoaderType { get; }

    public Type SignatureType { get; }

    public Type[] CtorTypes { get; }

    public string[] LoadNames { get; }
}
