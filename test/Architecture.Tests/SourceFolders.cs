using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace AudioMLNet.Architecture.Tests;

/// <summary>The folder that a type's source file is in, from the debug information embedded in its assembly.</summary>
/// <remarks>
/// That is what the compiler itself wrote: no file has to be parsed, and a type is where it was compiled from. Files are named
/// by the methods in them; for a type without code (an enum, an interface) the compiler names its files apart.
/// </remarks>
internal static class SourceFolders
{
    /// <summary>The debug information "type definition documents" of the portable PDB format.</summary>
    private static readonly Guid s_typeDocuments = new("932E74BC-DBA9-4478-8D46-0F32A7BAB3D3");

    /// <summary>
    /// The outermost types of an assembly by full name, each with the folders that its files are in, as in <c>Models/Passt</c>:
    /// none if no file is known, "" for a file beside the folders. What the compiler made up is left out; what the build makes
    /// of a schema is in the schema's folder.
    /// </summary>
    /// <param name="assembly">The path of the assembly.</param>
    /// <param name="root">The end of the path of the project's folder, as in <c>/src/Project/</c>.</param>
    public static Dictionary<string, string[]> Read(string assembly, string root)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        MetadataReader types = file.GetMetadataReader();
        DebugDirectoryEntry entry = file.ReadDebugDirectory()
            .Single(candidate => candidate.Type == DebugDirectoryEntryType.EmbeddedPortablePdb);
        using MetadataReaderProvider provider = file.ReadEmbeddedPortablePdbDebugDirectoryData(entry);
        MetadataReader symbols = provider.GetMetadataReader();

        Dictionary<string, string[]> folders = [];
        foreach (TypeDefinitionHandle handle in types.TypeDefinitions)
        {
            TypeDefinition type = types.GetTypeDefinition(handle);
            string name = types.GetString(type.Name);
            if (!type.IsNested && !name.StartsWith('<'))
            {
                string space = types.GetString(type.Namespace);
                folders.Add(
                    space.Length == 0 ? name : $"{space}.{name}",
                    [.. Documents(types, symbols, handle).Distinct()
                        .Select(document => symbols.GetString(symbols.GetDocument(document).Name).Replace('\\', '/'))
                        .Select(path => path.Split(root)[^1])
                        .Select(path => path[..Math.Max(path.LastIndexOf('/'), 0)])
                        .Select(OfSchema)
                        .Where(folder => folder.Split('/')[0] != "obj")
                        .Distinct()]);
            }
        }

        return folders;
    }

    /// <summary>Folder of a schema for that of the code made of it, obj/configuration/framework/folder.</summary>
    private static string OfSchema(string folder) =>
        folder.Split('/') is ["obj", _, _, var schema] && !schema.Contains('.', StringComparison.Ordinal) ? schema : folder;

    private static IEnumerable<DocumentHandle> Documents(MetadataReader types, MetadataReader symbols, TypeDefinitionHandle handle)
    {
        foreach (CustomDebugInformationHandle information in symbols.GetCustomDebugInformation(handle))
        {
            CustomDebugInformation content = symbols.GetCustomDebugInformation(information);
            if (symbols.GetGuid(content.Kind) == s_typeDocuments)
            {
                BlobReader rows = symbols.GetBlobReader(content.Value);
                while (rows.RemainingBytes > 0)
                {
                    yield return MetadataTokens.DocumentHandle(rows.ReadCompressedInteger());
                }
            }
        }

        TypeDefinition type = types.GetTypeDefinition(handle);
        IEnumerable<SequencePoint> points = type.GetMethods()
            .SelectMany(method => symbols.GetMethodDebugInformation(method.ToDebugInformationHandle()).GetSequencePoints());
        foreach (SequencePoint point in points)
        {
            yield return point.Document;
        }

        foreach (DocumentHandle document in type.GetNestedTypes().SelectMany(nested => Documents(types, symbols, nested)))
        {
            yield return document;
        }
    }
}
