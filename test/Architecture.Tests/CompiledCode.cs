using ArchUnitNET.Domain;
using ArchUnitNET.Domain.Dependencies;
using ArchUnitNET.Loader;

namespace AudioMLNet.Architecture.Tests;

/// <summary>What the compiled code of the libraries names, method bodies included.</summary>
/// <remarks>
/// Enum members, other constants and <c>nameof</c> leave no name in compiled code: a room that uses no more of another one
/// than these is not seen to use it.
/// </remarks>
internal static class CompiledCode
{
    private static readonly string[] s_projects = [.. House.Rooms.Select(room => room.Project).Distinct()];
    private static readonly string[] s_packages =
    [
        "Microsoft.ML.OnnxRuntime", "Microsoft.ML", "TorchSharp", "NWaves", "CsvHelper", "Google.Protobuf", "Microsoft.Extensions",
        "Parquet", "Microsoft.DotNet.Interactive",
    ];

    /// <summary>
    /// The outermost types by full name, each with its room: null if the house has none for its source files.
    /// </summary>
    private static readonly Dictionary<string, Room?> s_rooms = [];

    /// <summary>The outermost types by full name, each with the folders of its source files below the project's.</summary>
    private static readonly Dictionary<string, string[]> s_folders = [];

    static CompiledCode()
    {
        foreach (string project in s_projects)
        {
            foreach ((string type, string[] folders) in SourceFolders.Read(AssemblyPath(project), $"/src/{AssemblyName(project)}/"))
            {
                string[] rooms = [.. folders.Select(folder => folder.Length == 0 ? project : folder.Split('/')[0]).Distinct()];
                s_folders.Add(type, folders);
                s_rooms.Add(type, rooms.Length != 1
                    ? null
                    : House.Rooms.SingleOrDefault(room => room.Project == project && room.Name == rooms[0]));
            }
        }

        ArchUnitNET.Domain.Architecture code = new ArchLoader()
            .LoadAssemblies([.. s_projects.Select(project => System.Reflection.Assembly.LoadFrom(AssemblyPath(project)))])
            .Build();
        TypesWithoutRoom =
        [
            .. s_rooms.Where(type => type.Value == null).Select(type => type.Key),
            .. code.Types.Select(OutermostName).Where(name => name[0] != '<' && !s_rooms.ContainsKey(name)).Distinct(),
        ];
        Arrows =
        (
            from type in code.Types
            let room = FindRoom(type)
            where room != null
            from named in NamedTypes(type)
            let owner = Owner(named)
            where owner.Length > 0
            select new Arrow(room, OutermostName(type), owner, OutermostName(named))).ToHashSet();
    }

    /// <summary>Types that no room of the house has, or that two have a part of.</summary>
    public static IReadOnlyList<string> TypesWithoutRoom { get; }

    /// <summary>All arrows between types of the libraries, and from those to types of packages.</summary>
    public static IReadOnlySet<Arrow> Arrows { get; }

    /// <summary>All that a room's code names outside the room.</summary>
    public static IEnumerable<Arrow> ArrowsFrom(Room room) =>
        Arrows.Where(arrow => arrow.Room == room && arrow.Target != room.Name);

    /// <summary>The folders of a type's source files below the project's: one, unless its parts are in several.</summary>
    public static string[] Folders(string type) => s_folders.GetValueOrDefault(type, []);

    private static string AssemblyName(string project) =>
        $"Microsoft.ML.{(project == "AutoML" ? "AudioTransformers." : "")}{project}";

    private static string AssemblyPath(string project) => Path.Combine(AppContext.BaseDirectory, AssemblyName(project) + ".dll");

    private static Room? FindRoom(IType type) => s_rooms.GetValueOrDefault(OutermostName(type));

    /// <summary>The name of a type, or of the outermost type that declares it; without type arguments.</summary>
    private static string OutermostName(IType type)
    {
        int end = type.FullName.IndexOfAny(['+', '/', '<', '['], startIndex: 1);
        return end < 0 ? type.FullName : type.FullName[..end];
    }

    /// <summary>The room or the package that a type is of; empty for the runtime's own.</summary>
    private static string Owner(IType type)
    {
        // The type of a function pointer has no assembly.
        string assembly = type.Assembly?.Name.Split(',')[0] ?? "";
        return FindRoom(type)?.Name
            ?? s_packages.FirstOrDefault(package => $"{assembly}.".StartsWith($"{package}.", StringComparison.Ordinal)) ?? "";
    }

    /// <summary>
    /// All types that a type names: what ArchUnitNET finds, and the types of the members that its code uses.
    /// </summary>
    private static IEnumerable<IType> NamedTypes(IType type)
    {
        foreach (ITypeDependency dependency in type.Dependencies)
        {
            IEnumerable<IType> named = [dependency.Target, .. dependency.TargetGenericArguments.SelectMany(Types)];
            if (dependency is IMemberMemberDependency member)
            {
                named = [.. named, .. member.TargetMemberGenericArguments.SelectMany(Types), .. TypesOf(member.TargetMember)];
            }

            // ArchUnitNET takes the type parameters of two types for one where they are called the same.
            foreach (IType one in named.Where(one => !one.IsGenericParameter))
            {
                yield return one;
            }
        }
    }

    private static IEnumerable<IType> TypesOf(IMember member) => member switch
    {
        MethodMember method => [.. Types(method.ReturnTypeInstance), .. method.ParameterInstances.SelectMany(Types)],
        FieldMember field => [field.Type],
        PropertyMember property => [property.Type],
        _ => [],
    };

    private static IEnumerable<IType> Types(ITypeInstance<IType> instance) =>
        [instance.Type, .. instance.GenericArguments.SelectMany(Types)];

    /// <summary>A type of a room names a type.</summary>
    /// <param name="Room">The room that names.</param>
    /// <param name="Type">The type that names.</param>
    /// <param name="Target">The room or the package that is named.</param>
    /// <param name="Named">The type that is named.</param>
    internal sealed record Arrow(Room Room, string Type, string Target, string Named)
    {
        public override string ToString() => $"{Type} names {Named} of {Target}";
    }
}
