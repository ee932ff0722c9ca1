using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace AudioMLNet.TestSupport;

/// <summary>Which golden categories the test assemblies of this checkout know.</summary>
public static class GoldenCategories
{
    /// <summary>
    /// The test assemblies of the checkout, in the configuration of the running one. Some may not have been built yet.
    /// </summary>
    public static IReadOnlyList<string> TestAssemblies()
    {
        // .../test/<project>/bin/<configuration>/<framework>/
        DirectoryInfo framework = new(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        string configuration = framework.Parent!.Name;
        return
        [
            .. Directory.EnumerateFiles(Path.Combine(Checkout.Root, "test"), "*.Tests.csproj", SearchOption.AllDirectories)
                .Select(project => Path.Combine(
                    Path.GetDirectoryName(project)!,
                    "bin",
                    configuration,
                    framework.Name,
                    Path.GetFileNameWithoutExtension(project) + ".dll")),
        ];
    }

    /// <summary>
    /// The categories named by a <see cref="GoldenCasesAttribute"/> in any test assembly. Read from metadata: the
    /// assemblies are not loaded.
    /// </summary>
    public static IReadOnlySet<string> Known() =>
        TestAssemblies().Where(File.Exists).SelectMany(KnownIn).ToHashSet(StringComparer.Ordinal);

    private static List<string> KnownIn(string assembly)
    {
        using PEReader file = new(File.OpenRead(assembly));
        MetadataReader metadata = file.GetMetadataReader();
        List<string> categories = [];
        foreach (CustomAttributeHandle handle in metadata.CustomAttributes)
        {
            CustomAttribute attribute = metadata.GetCustomAttribute(handle);
            if (attribute.Constructor.Kind == HandleKind.MemberReference &&
                metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent is
                    { Kind: HandleKind.TypeReference } type &&
                metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)type).Name) == nameof(GoldenCasesAttribute))
            {
                BlobReader arguments = metadata.GetBlobReader(attribute.Value);
                arguments.ReadUInt16(); // every attribute's value starts with the two bytes 01 00
                categories.Add(arguments.ReadSerializedString()!);
            }
        }

        return categories;
    }
}
