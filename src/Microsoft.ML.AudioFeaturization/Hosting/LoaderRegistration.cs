using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioFeaturization.Hosting;

/// <summary>
/// Tells a component catalog which loaders an assembly has, so that <c>mlContext.Model.Load</c> finds them.
/// </summary>
/// <remarks>
/// ML.NET looks for attributes of an internal type on an assembly. <see cref="ComponentCatalog.RegisterAssembly"/> takes any
/// <see cref="Assembly"/>, so this one stands in front of the real one and answers with those attributes.
/// Registering twice does nothing.
/// </remarks>
internal sealed class LoaderRegistration : Assembly
{
    private const string SignatureField = "LoaderSignature";

    private readonly AssemblyName _name;
    private readonly Lazy<object[]> _attributes;

    /// <param name="owner">The assembly that the loaders are in; it is searched when a catalog first asks.</param>
    public LoaderRegistration(Assembly owner)
    {
        AssemblyName name = owner.GetName();

        // Of a name that begins with Microsoft.ML the catalog asks for the public key, which this assembly does not have.
        _name = new AssemblyName($"LoadersOf.{name.Name}, Version={name.Version}, Culture=neutral, PublicKeyToken=null");
        _attributes = new Lazy<object[]>(() => MlNetInternals.CreateLoadableClassAttributes(FindLoaders(owner)));
    }

    /// <summary>The loaders of an assembly, and the signatures that ML.NET finds them by in a model file.</summary>
    /// <remarks>
    /// A loader is an <see cref="ITransformer"/> that declares a constant
    /// <c>LoaderSignature</c> and a static method <c>ITransformer Create(IHostEnvironment environment, object context)</c>.
    /// </remarks>
    public static IReadOnlyList<(Type Loader, string Signature)> FindLoaders(Assembly owner) =>
    [
        .. from type in owner.GetTypes()
           where type.IsAssignableTo(typeof(ITransformer)) && !type.IsAbstract
           let field = type.GetField(
               SignatureField, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
           where field is { IsLiteral: true }
           select (type, (string)field.GetRawConstantValue()!),
    ];

    public override string FullName => _name.FullName;

    public void Register(IHostEnvironment environment) =>
        environment.ComponentCatalog.RegisterAssembly(this, throwOnError: true);

    public override AssemblyName GetName() => _name;

    public override AssemblyName GetName(bool copiedName) => _name;

    public override Type[] GetTypes() => Type.EmptyTypes;

    public override object[] GetCustomAttributes(bool inherit) => _attributes.Value;

    public override object[] GetCustomAttributes(Type attributeType, bool inherit) =>
        attributeType.IsAssignableFrom(_attributes.Value.GetType().GetElementType())
            ? _attributes.Value
            : (object[])Array.CreateInstance(attributeType, 0);
}
