using System.Diagnostics;
using System.Text.RegularExpressions;
using k8s.Models;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using YamlDotNet.Core;

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
        V1Job job = Cluster.Read(name);
        V1PodSpec pod = job.Spec.Template.Spec;
        V1Container container = pod.Containers.Single();

        Assert.AreEqual(
            ("batch/v1", "Job", "Indexed", "Never"), (job.ApiVersion, job.Kind, job.Spec.CompletionMode, pod.RestartPolicy));
        StringAssert.Matches(job.Metadata.Name, DnsLabel());
        int completions = job.Spec.Completions!.Value;
        Assert.IsTrue(job.Spec.Parallelism >= 1 && job.Spec.Parallelism <= completions);

        // A pod that dies is made again.
        Assert.IsGreaterThanOrEqualTo(1, job.Spec.BackoffLimitPerIndex!.Value);
        Assert.AreEqual(pod.Volumes.Single().Name, container.VolumeMounts.Single().Name);
        foreach (string number in (string[])["cpu", "memory"])
        {
            Assert.AreEqual(container.Resources.Requests[number], container.Resources.Limits[number]);
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
    [DataRow("completions:", "completion:")]
    [DataRow("mountPath:", "mountpath:")]
    [DataRow("parallelism: 4", "parallelism: four")]
    public void AFieldThatKubernetesDoesNotKnowIsAnError(string field, string other)
    {
        string text = File.ReadAllText(Cluster.PathOf("score-job.yaml"));
        string changed = text.Replace(field, other, StringComparison.Ordinal);

        Assert.AreNotEqual(text, changed);
        Assert.Throws<YamlException>(() => Cluster.Parse(changed));
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
