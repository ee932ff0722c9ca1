using System.Reflection;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

[assembly: Microsoft.ML.LoadableClass(
    typeof(Microsoft.ML.ITransformer),
    typeof(Microsoft.ML.Transforms.CustomMappingLoader),
    null,
    typeof(Microsoft.ML.SignatureLoadModel),
    "Custom Mapping",
    Microsoft.ML.Transforms.CustomMappingLoader.LoaderSignature)]

namespace Microsoft.ML
{
    /// <summary>Names a user's class so that a saved model can find it again.</summary>
    public abstract class ExtensionBaseAttribute : Attribute
    {
        private protected ExtensionBaseAttribute(string contractName)
        {
            ContractName = contractName;
        }

        public string ContractName { get; }
    }
}

namespace Microsoft.ML.Transforms
{
    /// <summary>Marks the factory of the mapping that was saved under a contract's name.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class CustomMappingFactoryAttributeAttribute : ExtensionBaseAttribute
    {
        public CustomMappingFactoryAttributeAttribute(string contractName)
            : base(contractName)
        {
        }
    }

    /// <summary>Makes a mapping again when a model that holds it is loaded.</summary>
    public abstract class CustomMappingFactory<TSrc, TDst> : ICustomMappingFactory
        where TSrc : class, new()
        where TDst : class, new()
    {
        protected CustomMappingFactory()
        {
        }

        public abstract Action<TSrc, TDst> GetMapping();

        ITransformer ICustomMappingFactory.CreateTransformer(string contractName)
            => new CustomMappingTransformer<TSrc, TDst>(GetMapping(), contractName);
    }

    internal interface ICustomMappingFactory
    {
        ITransformer CreateTransformer(string contractName);
    }

    internal static class CustomMappingLoader
    {
        public const string LoaderSignature = "CustTransformer";

        public static void Save(ModelSaveContext ctx, string contractName, Assembly assembly)
        {
            ctx.SetVersionInfo(GetVersionInfo());
            ctx.SaveString(contractName);
            ctx.SaveString(assembly.FullName);
        }

        private static ITransformer Create(IHostEnvironment env, ModelLoadContext ctx)
        {
            ctx.CheckAtModel(GetVersionInfo());
            string contractName = ctx.LoadString();
            var assembly = Assembly.Load(ctx.LoadString());
            Type type = Array.Find(
                assembly.GetTypes(),
                t => t.GetCustomAttribute<CustomMappingFactoryAttributeAttribute>()?.ContractName == contractName);
            Contracts.Check(
                typeof(ICustomMappingFactory).IsAssignableFrom(type),
                $"The class with contract '{contractName}' must derive from '{typeof(CustomMappingFactory<,>).FullName}'.");
            return ((ICustomMappingFactory)Activator.CreateInstance(type)).CreateTransformer(contractName);
        }

        private static VersionInfo GetVersionInfo()
            => new(
                modelSignature: "CUSTOMXF",
                verWrittenCur: 0x00010002,
                verReadableCur: 0x00010002,
                verWeCanReadBack: 0x00010002,
                loaderAssemblyName: typeof(CustomMappingLoader).Assembly.FullName,
                loaderSignature: LoaderSignature);
    }
}
