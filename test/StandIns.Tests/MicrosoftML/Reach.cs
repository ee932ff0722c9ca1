using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace AudioMLNet.StandIns.Tests.MicrosoftML;

/// <summary>
/// The ways into ML.NET's internals that an outside assembly has. Written against the real assemblies' names, so that
/// these tests say of the stand-in what also holds for the packages.
/// </summary>
internal static class Reach
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly Assembly s_core = typeof(ICanSaveModel).Assembly;

    public static T InterfaceProperty<T>(object instance, string interfaceName, string property)
        => (T)instance.GetType().GetInterface(interfaceName)!.GetProperty(property)!.GetValue(instance)!;

    public static IHostEnvironment EnvironmentOf(object catalog)
        => InterfaceProperty<IHostEnvironment>(catalog, "Microsoft.ML.Data.IInternalCatalog", "Environment");

    public static T HostProperty<T>(IHostEnvironment host, string property)
        => InterfaceProperty<T>(host, "Microsoft.ML.Runtime.IHostEnvironmentInternal", property);

    public static bool IsCanceled(IHost host)
        => InterfaceProperty<bool>(host, "Microsoft.ML.Runtime.ICancelable", "IsCanceled");

    public static void CancelExecution(MLContext context)
        => typeof(MLContext).GetMethod("CancelExecution", Any)!.Invoke(context, null);

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    public static extern SchemaShape.Column CreateShapeColumn(
        string name, SchemaShape.Column.VectorKind vecKind, DataViewType itemType, bool isKey, SchemaShape? annotations);

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    public static extern TrainerInfo CreateTrainerInfo(
        bool normalization,
        bool calibration,
        bool caching,
        bool supportValid,
        bool supportIncrementalTrain,
        bool supportTest);

    public static SchemaShape ShapeOf(DataViewSchema schema) => CreateShape(null, schema);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "SaveBinaryStream")]
    public static extern void SaveBinaryStream(ModelSaveContext context, string name, Action<BinaryWriter> action);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "Writer")]
    public static extern ref BinaryWriter Writer(ModelSaveContext context);

    public static void SetVersionInfo(
        ModelSaveContext context, string modelSignature, uint version, string loaderSignature, Assembly loader)
    {
        object info = Activator.CreateInstance(
            s_core.GetType("Microsoft.ML.VersionInfo", throwOnError: true)!,
            modelSignature, version, version, version, loader.FullName, loaderSignature, null)!;
        typeof(ModelSaveContext).GetMethod("SetVersionInfo", Any)!.Invoke(context, [info]);
    }

    public static bool TryLoadBinaryStream(object context, string name, Action<BinaryReader> action)
        => (bool)context.GetType().GetMethod("TryLoadBinaryStream", Any)!
            .Invoke(context, BindingFlags.DoNotWrapExceptions, null, [name, action], null)!;

    /// <summary>Tells the catalog of the loaders of these tests.</summary>
    public static void RegisterLoaders(MLContext context)
        => context.ComponentCatalog.RegisterAssembly(new LoaderAssembly(), throwOnError: false);

    [UnsafeAccessor(UnsafeAccessorKind.StaticMethod, Name = "Create")]
    private static extern SchemaShape CreateShape(SchemaShape? type, DataViewSchema schema);

    /// <summary>An assembly that answers only what the catalog asks: which loadable classes it has.</summary>
    private sealed class LoaderAssembly : Assembly
    {
        public override string FullName => "StandIns.Tests.Loaders, Version=1.0.0.0";

        public override AssemblyName GetName() => new(FullName);

        public override Type[] GetTypes() => Type.EmptyTypes;

        public override object[] GetCustomAttributes(Type attributeType, bool inherit)
        {
            Type attribute = s_core.GetType("Microsoft.ML.LoadableClassAttribute", throwOnError: true)!;
            Type signature = s_core.GetType("Microsoft.ML.SignatureLoadModel", throwOnError: true)!;
            object[] attributes = (object[])Array.CreateInstance(attribute, 1);
            attributes[0] = attribute
                .GetConstructor([typeof(Type), typeof(Type), typeof(Type), typeof(Type), typeof(string), typeof(string[])])!
                .Invoke([
                    typeof(ITransformer), typeof(AddingLoader), null, signature,
                    AddingTransformer.LoaderSignature, new[] { AddingTransformer.LoaderSignature },
                ]);
            return attributes;
        }
    }
}
