using System.Reflection;

namespace Microsoft.ML.Runtime;

/// <summary>Knows, by name and signature, the classes that registered assemblies can load from a model.</summary>
public sealed class ComponentCatalog
{
    private readonly object _lock = new();
    private readonly HashSet<string> _assemblies = [];
    private readonly Dictionary<(string Name, Type Signature), LoadableClass> _classes = [];

    internal ComponentCatalog()
    {
    }

    /// <exception cref="InvalidOperationException">
    /// A class cannot be made, or its name is taken, and <paramref name="throwOnError"/> is true.
    /// </exception>
    public void RegisterAssembly(Assembly assembly, bool throwOnError = true)
    {
        lock (_lock)
        {
            if (!_assemblies.Add(assembly.FullName))
                return;
            foreach (LoadableClassAttributeBase attribute in
                assembly.GetCustomAttributes(typeof(LoadableClassAttributeBase)))
            {
                LoadableClass loadable = LoadableClass.FromOrNull(attribute);
                Contracts.Check(
                    loadable != null || !throwOnError,
                    $"Can't instantiate loadable class '{attribute.InstanceType.Name}' with name " +
                    $"'{attribute.LoadNames[0]}'");
                foreach (string name in attribute.LoadNames)
                    Add(name, attribute.SignatureType, loadable, throwOnError);
            }

            LookForExtensions(assembly);
        }
    }

    internal static bool TryCreateInstance(
        IHostEnvironment env, Type signature, out object result, string name, object[] extra)
    {
        result = null;
        if (!env.ComponentCatalog._classes.TryGetValue((Fold(name), signature), out LoadableClass loadable))
            return false;
        Contracts.Check(loadable != null, $"Can't instantiate class '{name}'");
        result = loadable.Create(env, extra);
        return true;
    }

    private static string Fold(string name) => name.ToLowerInvariant().Trim();

    /// <summary>
    /// The real catalog also looks for extensions of its own transforms, of which there are none here. It asks the
    /// assembly these questions on the way, so one that cannot answer them must fail here too.
    /// </summary>
    private static void LookForExtensions(Assembly assembly)
    {
        if (assembly.FullName.StartsWith("Microsoft.ML.", StringComparison.Ordinal))
            Contracts.CheckValue(assembly.GetName().GetPublicKey(), "publicKey");
        if (assembly != typeof(ComponentCatalog).Assembly)
            _ = assembly.GetTypes();
    }

    private void Add(string name, Type signature, LoadableClass loadable, bool throwOnError)
        => Contracts.Check(
            _classes.TryAdd((Fold(name), signature), loadable) || !throwOnError,
            $"ComponentCatalog cannot map name '{name}' and SignatureType '{signature}' to another class.");

    private sealed class LoadableClass
    {
        private const BindingFlags Any = BindingFlags.Public | BindingFlags.NonPublic;

        private readonly Type _type;
        private readonly MethodBase _maker;
        private readonly bool _wantsEnvironment;

        private LoadableClass(Type type, MethodBase maker, bool wantsEnvironment)
        {
            _type = type;
            _maker = maker;
            _wantsEnvironment = wantsEnvironment;
        }

        public static LoadableClass FromOrNull(LoadableClassAttributeBase attribute)
        {
            Type[] withEnvironment = [typeof(IHostEnvironment), .. attribute.CtorTypes];
            foreach (Type[] parameters in new[] { attribute.CtorTypes, withEnvironment })
            {
                MethodBase maker = FindMaker(attribute, parameters);
                if (maker != null)
                    return new LoadableClass(attribute.InstanceType, maker, parameters == withEnvironment);
            }

            return null;
        }

        public object Create(IHostEnvironment env, object[] extra)
        {
            object[] arguments = _wantsEnvironment ? [env, .. extra] : extra;
            int wanted = _maker.GetParameters().Length;
            Contracts.Check(
                wanted == arguments.Length,
                $"Wrong number of extra parameters for loadable class '{_type}': it needs {wanted}, given " +
                $"{arguments.Length}");
            try
            {
                return _maker is ConstructorInfo constructor
                    ? constructor.Invoke(arguments)
                    : _maker.Invoke(null, arguments);
            }
            catch (TargetInvocationException exception)
                when (exception.InnerException != null && Contracts.IsMarked(exception.InnerException))
            {
                throw Contracts.Except(exception, "Error during class instantiation");
            }
        }

        private static MethodBase FindMaker(LoadableClassAttributeBase attribute, Type[] parameters)
        {
            MethodInfo create = attribute.LoaderType.GetMethod("Create", Any | BindingFlags.Static, parameters);
            if (create?.ReturnType == attribute.InstanceType)
                return create;
            return attribute.InstanceType.IsAssignableFrom(attribute.LoaderType)
                ? attribute.LoaderType.GetConstructor(Any | BindingFlags.Instance, parameters)
                : null;
        }
    }
}
