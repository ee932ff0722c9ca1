using System.Collections.Concurrent;
using System.IO.Compression;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioFeaturization.Hosting;

/// <summary>
/// Everything that this library reaches in ML.NET beyond its public API. No other file does.
/// </summary>
/// <remarks>
/// ML.NET lets an outside assembly write transformers and trainers, but keeps four things to itself: the environment of a
/// catalog, the settings of a host, schema shapes, and the versioned streams of a saved model. The members named here have
/// been the same from 1.7.1 to 5.0.0. Types that are public but have internal members go through
/// <see cref="UnsafeAccessorAttribute"/>; internal types go through reflection.
/// </remarks>
internal static class MlNetInternals
{
    private const BindingFlags Instance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly Assembly s_core = typeof(ICanSaveModel).Assembly;

    private static readonly ConcurrentDictionary<(Type Type, string Interface, string Property), MethodInfo> s_getters = new();

    /// <summary>The environment behind a catalog such as <c>mlContext.Transforms</c>.</summary>
    public static IHostEnvironment GetEnvironment(object catalog) =>
        (IHostEnvironment)GetInterfaceProperty(catalog, "Microsoft.ML.Data.IInternalCatalog", "Environment")!;

    /// <summary>The seed that the <see cref="MLContext"/> of a host was made with, or null.</summary>
    public static int? GetSeed(IHost host) => (int?)GetHostProperty(host, "Seed");

    /// <summary><see cref="MLContext.GpuDeviceId"/> as a host sees it.</summary>
    public static int? GetGpuDeviceId(IHost host) => (int?)GetHostProperty(host, "GpuDeviceId");

    /// <summary><see cref="MLContext.FallbackToCpu"/> as a host sees it.</summary>
    public static bool GetFallbackToCpu(IHost host) => (bool)GetHostProperty(host, "FallbackToCpu")!;

    /// <summary>A check of whether <c>MLContext.CancelExecution</c> was called on the context of a host.</summary>
    public static Func<bool> GetCancellationCheck(IHost host)
    {
        MethodInfo? getter = FindInterfaceGetter(host.GetType(), "Microsoft.ML.Runtime.ICancelable", "IsCanceled");
        return getter is null ? () => false : getter.CreateDelegate<Func<bool>>(host);
    }

    /// <summary>The shape of a schema.</summary>
    public static SchemaShape CreateShape(DataViewSchema schema) => CreateShapeCore(null, schema);

    /// <summary>Properties of a trainer for ML.NET: whether it needs normalization, caching and so on.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    public static extern TrainerInfo CreateTrainerInfo(
        bool normalization,
        bool calibration,
        bool caching,
        bool supportValid,
        bool supportIncrementalTrain,
        bool supportTest);

    /// <summary>Writes one named binary stream into a model.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "SaveBinaryStream")]
    public static extern void SaveBinaryStream(ModelSaveContext context, string name, Action<BinaryWriter> action);

    /// <summary>Writes the header that says what saved a model and what loads it.</summary>
    /// <param name="context">The context of the model being saved.</param>
    /// <param name="modelSignature">Exactly eight characters.</param>
    /// <param name="written">The version written.</param>
    /// <param name="version">The oldest version that can read it.</param>
    /// <param name="loaderSignature">At most 24 characters: the name under which the loader is registered.</param>
    /// <param name="loaderAssembly">The assembly with the loader.</param>
    public static void SetVersionInfo(
        ModelSaveContext context,
        string modelSignature,
        uint written,
        uint version,
        string loaderSignature,
        Assembly loaderAssembly)
    {
        object versionInfo = Activator.CreateInstance(
            CoreType("Microsoft.ML.VersionInfo"),
            Instance | BindingFlags.OptionalParamBinding,
            binder: null,
            [modelSignature, written, version, version, loaderAssembly.FullName, loaderSignature, null],
            culture: null)!;
        Invoke(FindMethod(typeof(ModelSaveContext), "SetVersionInfo"), context, versionInfo);
    }

    /// <summary>The version that the header of a model says to be written.</summary>
    public static uint GetWrittenVersion(object loadContext) =>
        GetField(loadContext, "Header") is { } header && GetField(header, "ModelVerWritten") is uint version
            ? version
            : throw Missing($"Header.ModelVerWritten on {loadContext.GetType()}");

    /// <summary>Reads one named binary stream of a model, which only goes forward.</summary>
    /// <returns>False when the model has no such stream.</returns>
    /// <remarks>
    /// ML.NET copies a stream to a temporary file before it is read. Here it comes from the model's archive, where that is as
    /// it has been since 1.0.
    /// </remarks>
    public static bool TryLoadBinaryStream(object loadContext, string name, Action<BinaryReader> action)
    {
        if (FindArchiveEntry(loadContext, name) is not { } entry)
        {
            return (bool)Invoke(FindMethod(loadContext.GetType(), "TryLoadBinaryStream"), loadContext, name, action)!;
        }

        using Stream stream = entry.Open();
        using var reader = new BinaryReader(stream);
        action(reader);
        return true;
    }

    /// <summary>The <c>LoadableClassAttribute</c>s that tell ML.NET's component catalog of loaders.</summary>
    public static object[] CreateLoadableClassAttributes(IReadOnlyList<(Type Loader, string Signature)> loaders)
    {
        Type attribute = CoreType("Microsoft.ML.LoadableClassAttribute");
        Type signature = CoreType("Microsoft.ML.SignatureLoadModel");
        ConstructorInfo constructor = attribute.GetConstructor(
            Instance,
            [typeof(Type), typeof(Type), typeof(Type), typeof(Type), typeof(string), typeof(string[])])
            ?? throw Missing(attribute.FullName + " constructor");
        var attributes = (object[])Array.CreateInstance(attribute, loaders.Count);
        for (int i = 0; i < attributes.Length; i++)
        {
            (Type loader, string name) = loaders[i];
            attributes[i] = constructor.Invoke([typeof(ITransformer), loader, null, signature, name, new[] { name }]);
        }

        return attributes;
    }

    [UnsafeAccessor(UnsafeAccessorKind.StaticMethod, Name = "Create")]
    private static extern SchemaShape CreateShapeCore(SchemaShape? type, DataViewSchema schema);

    /// <summary>The entry of a stream in a model's archive; null where there is none, or it cannot be reached.</summary>
    private static ZipArchiveEntry? FindArchiveEntry(object loadContext, string name) =>
        GetField(loadContext, "Repository") is { } repository
        && GetField(repository, "_entries") is Dictionary<string, ZipArchiveEntry> entries
        && GetField(loadContext, "Directory") is string folder
            ? entries.GetValueOrDefault(Path.Combine(folder, name).Replace('/', Path.DirectorySeparatorChar))
            : null;

    private static object? GetField(object instance, string name) =>
        instance.GetType().GetField(name, Instance)?.GetValue(instance);

    private static object? GetHostProperty(IHost host, string property) =>
        GetInterfaceProperty(host, "Microsoft.ML.Runtime.IHostEnvironmentInternal", property);

    private static object? GetInterfaceProperty(object instance, string interfaceName, string property)
    {
        MethodInfo getter = FindInterfaceGetter(instance.GetType(), interfaceName, property)
            ?? throw Missing($"{interfaceName}.{property} on {instance.GetType()}");
        return Invoke(getter, instance);
    }

    private static MethodInfo? FindInterfaceGetter(Type type, string interfaceName, string property)
    {
        var key = (type, interfaceName, property);
        if (s_getters.TryGetValue(key, out MethodInfo? getter))
        {
            return getter;
        }

        getter = type.GetInterface(interfaceName)?.GetProperty(property)?.GetMethod;
        return getter is null ? null : s_getters.GetOrAdd(key, getter);
    }

    private static MethodInfo FindMethod(Type type, string name) =>
        type.GetMethod(name, Instance) ?? throw Missing($"{type}.{name}");

    private static Type CoreType(string name) => s_core.GetType(name) ?? throw Missing(name);

    private static object? Invoke(MethodInfo method, object instance, params object?[] arguments) =>
        method.Invoke(instance, BindingFlags.DoNotWrapExceptions, binder: null, arguments, culture: null);

    private static NotSupportedException Missing(string member) =>
        new($"This version of Microsoft.ML has no {member}; Microsoft.ML 5.0.0 is what this library was built for.");
}
