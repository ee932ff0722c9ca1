using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using YamlDotNet.RepresentationModel;

namespace AudioML.Tool.Tests;

/// <summary>What Kubernetes and Slurm ask of the manifests of samples/cluster.</summary>
[TestClass]
public sealed partial class ClusterTests
{
    // Source: Kubernetes' API reference, Job batch/v1: an Indexed job needs completions, backoffLimitPerIndex needs Indexed and
    // restartPolicy Never; a volume mount names a volume of the pod.
    [TestMethod]
    [DataRow("score-job.yaml")]
    [DataRow("sweep-job.yaml")]
    public void AnIndexedJobHasWhatItNeeds(string name)
    {
        YamlMappingNode job = Cluster.Read(name);
        string Text(string path) => ((YamlScalarNode)Cluster.At(job, path)).Value!;
        const string pod = "spec/template/spec";

        Assert.AreEqual(("batch/v1", "Job", "Indexed", "Never"), (
            Text("apiVersion"), Text("kind"), Text("spec/completionMode"), Text($"{pod}/restartPolicy")));
        StringAssert.Matches(Text("metadata/name"), DnsLabel());
        int completions = int.Parse(Text("spec/completions"));
        Assert.IsTrue(int.Parse(Text("spec/parallelism")) is int parallel && parallel >= 1 && parallel <= completions);

        // A pod that dies is made again.
        Assert.IsGreaterThanOrEqualTo(1, int.Parse(Text("spec/backoffLimitPerIndex")));
        Assert.AreEqual(Text($"{pod}/volumes/0/name"), Text($"{pod}/containers/0/volumeMounts/0/name"));
        foreach (string number in (string[])["cpu", "memory"])
        {
            Assert.AreEqual(
                Text($"{pod}/containers/0/resources/requests/{number}"), Text($"{pod}/containers/0/resources/limits/{number}"));
        }

        // Each pod is told how many there are.
        string[] command = Cluster.CommandOf(name, "/data");
        int shard = Array.IndexOf(command, "--shard");
        Assert.AreEqual(command[0] == "score", shard >= 0);
        if (shard >= 0)
        {
            Assert.AreEqual($"auto/{completions}", command[shard + 1]);
        }
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    [DataRow("score.sbatch")]
    [DataRow("sweep.sbatch")]
    public void AnArraysScriptIsWhole(string name)
    {
        string[] lines = File.ReadAllLines(Cluster.PathOf(name));
        Assert.AreEqual("#!/bin/bash", lines[0]);

        // Slurm reads options up to the first command.
        int command = Array.FindIndex(lines, line => line.Length > 0 && line[0] != '#');
        string[] options = [.. lines[..command].Where(line => line.StartsWith("#SBATCH --", StringComparison.Ordinal))];
        CollectionAssert.Contains(options, "#SBATCH --array=0-7");
        CollectionAssert.Contains(options, "#SBATCH --requeue");
        Assert.IsTrue(Array.TrueForAll(lines[command..], line => !line.StartsWith("#SBATCH", StringComparison.Ordinal)));
        using Process bash = Process.Start("bash", ["-n", Cluster.PathOf(name)]);
        bash.WaitForExit();
        Assert.AreEqual(0, bash.ExitCode);
    }

    [GeneratedRegex("^[a-z]([-a-z0-9]*[a-z0-9])?$")]
    private static partial Regex DnsLabel();
}
