using System.IO.Compression;
using System.Reflection;
using System.Text.Json;
using System.Xml.Linq;
using AudioMLNet.TestSupport;

namespace AudioMLNet.Packages.Tests;

/// <summary>
/// The packages, packed from a copy of this checkout as an owner would who publishes them under a prefix of their own;
/// the checkout's own build output stays as it is.
/// </summary>
internal sealed class PackedPackages : IDisposable
{
    public const string Prefix = "Contoso.";
    public const string Remote = "https://github.com/contoso/audio";
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    public static readonly string[] Ids =
    [
        "Contoso.ML.AudioTransformers", "Contoso.ML.AudioFeaturization", "Contoso.ML.AudioDatasets",
        "Contoso.ML.AudioTransformers.Hosting", "Contoso.ML.AudioTransformers.Onnx",
        "Contoso.ML.AudioShards",
    ];

    private readonly TemporaryFolder _folder = new();

    public PackedPackages()
    {
        Feed = _folder.File("feed");
        try
        {
            CopySources();
            Pack();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>A version that no cache has.</summary>
    public string Version { get; } = $"0.1.0-test.g{Guid.NewGuid():N}";

    /// <summary>A folder with the packages, which NuGet takes as a source.</summary>
    public string Feed { get; }

    /// <summary>The copy of the checkout.</summary>
    public string Sources => _folder.File("sources");

    /// <summary>A package as a file.</summary>
    public ZipArchive Open(string id) => ZipFile.OpenRead(Path.Combine(Feed, $"{id}.{Version}.nupkg"));

    /// <summary>The version that this repository names for a package.</summary>
    public static string CentralVersion(string id) =>
        XElement.Load(Path.Combine(Checkout.Root, "Directory.Packages.props")).Descendants("PackageVersion")
            .Single(package => (string?)package.Attribute("Include") == id).Attribute("Version")!.Value;

    /// <summary>What the build wrote into this assembly.</summary>
    public static string Metadata(string key) =>
        typeof(PackedPackages).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == key).Value!;

    public void Dispose()
    {
        foreach (string id in Ids)
        {
            // The folder of another version may be another run's.
            string cached = Path.Combine(Metadata("PackageCache"), id.ToLowerInvariant());
            if (Directory.Exists(Path.Combine(cached, Version)))
            {
                Directory.Delete(Path.Combine(cached, Version), recursive: true);
            }
        }

        _folder.Dispose();
    }

    // As docs/packages.md has it, of the part of the solution that is packed: once for all, since each is built for the next.
    private void Pack()
    {
        string[] projects =
            [.. Ids.Select(id => "Microsoft." + id[Prefix.Length..]).Select(name => $"src/{name}/{name}.csproj")];
        File.WriteAllText(
            Path.Combine(Sources, "Packed.slnf"),
            JsonSerializer.Serialize(new { solution = new { path = "AudioMLNet.sln", projects } }));
        Dotnet.Run(
            Sources,
            "pack", "Packed.slnf", "-c", "Release", "--nologo", "-o", Feed,
            $"-p:PackageIdPrefix={Prefix}", $"-p:Version={Version}", "-p:RunAnalyzers=false");
    }

    private void CopySources()
    {
        Directory.CreateDirectory(Sources);
        foreach (string file in Directory.GetFiles(Checkout.Root).Where(file => Path.GetFileName(file) != ".git"))
        {
            File.Copy(file, Path.Combine(Sources, Path.GetFileName(file)));
        }

        foreach (string name in new[] { "build", "src" })
        {
            Copy(Path.Combine(Checkout.Root, name), Path.Combine(Sources, name));
        }

        // A git checkout of a remote, as far as SourceLink looks.
        string git = Directory.CreateDirectory(Path.Combine(Sources, ".git")).FullName;
        Directory.CreateDirectory(Path.Combine(git, "objects"));
        Directory.CreateDirectory(Path.Combine(git, "refs"));
        File.WriteAllText(Path.Combine(git, "HEAD"), Commit + "\n");
        File.WriteAllText(
            Path.Combine(git, "config"),
            $"[core]\n\trepositoryformatversion = 0\n[remote \"origin\"]\n\turl = {Remote}.git\n");
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }

        foreach (string folder in Directory.GetDirectories(from))
        {
            if (Path.GetFileName(folder) is not ("bin" or "obj") and string name)
            {
                Copy(folder, Path.Combine(to, name));
            }
        }
    }
}
