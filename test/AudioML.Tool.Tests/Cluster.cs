using AudioMLNet.TestSupport;
using YamlDotNet.RepresentationModel;

namespace AudioML.Tool.Tests;

/// <summary>The manifests of samples/cluster.</summary>
internal static class Cluster
{
    /// <summary>Path of a manifest.</summary>
    public static string PathOf(string name) => Path.Combine(Checkout.Root, "samples", "cluster", name);

    /// <summary>The document of a manifest of Kubernetes.</summary>
    public static YamlMappingNode Read(string name)
    {
        var yaml = new YamlStream();
        using StreamReader reader = File.OpenText(PathOf(name));
        yaml.Load(reader);
        return (YamlMappingNode)yaml.Documents.Single().RootNode;
    }

    /// <summary>The value at a path of names and list indices, such as "spec/template/0".</summary>
    public static YamlNode At(YamlNode node, string path) =>
        path.Split('/').Aggregate(node, (at, name) => int.TryParse(name, out int index) ? at[index] : at[name]);

    /// <summary>The arguments of a job's command, audioml itself left out, with the volume at another place.</summary>
    public static string[] CommandOf(string name, string data) =>
    [
        .. ((YamlSequenceNode)At(Read(name), "spec/template/spec/containers/0/command")).Skip(1)
            .Select(word => ((YamlScalarNode)word).Value!.Replace("/data", data, StringComparison.Ordinal)),
    ];
}
