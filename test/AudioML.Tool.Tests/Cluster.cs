using AudioMLNet.TestSupport;
using k8s;
using k8s.Models;

namespace AudioML.Tool.Tests;

/// <summary>The manifests of samples/cluster.</summary>
internal static class Cluster
{
    /// <summary>Path of a manifest.</summary>
    public static string PathOf(string name) => Path.Combine(Checkout.Root, "samples", "cluster", name);

    /// <summary>The job of a manifest.</summary>
    public static V1Job Read(string name) => Parse(File.ReadAllText(PathOf(name)));

    /// <summary>A job, as Kubernetes' own client reads it: a field that it does not know is an error.</summary>
    public static V1Job Parse(string text) => KubernetesYaml.Deserialize<V1Job>(text, strict: true);

    /// <summary>The arguments of a job's command, audioml itself left out, with the volume at another place.</summary>
    public static string[] CommandOf(string name, string data) =>
    [
        .. Read(name).Spec.Template.Spec.Containers.Single().Command.Skip(1)
            .Select(word => word.Replace("/data", data, StringComparison.Ordinal)),
    ];
}
