using System.Globalization;
using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.WrongInput;

/// <summary>
/// Wrong input at each public entry is a managed exception that says what is wrong; it never ends the process, in which
/// right calls work as before.
/// </summary>
[TestClass]
public sealed class WrongInputTests
{
    private static readonly IReadOnlyDictionary<string, Func<TemporaryFolder, IEnumerable<WrongCall>>> s_groups =
        new Dictionary<string, Func<TemporaryFolder, IEnumerable<WrongCall>>>
        {
            ["trainers"] = WrongTrainingInput.Calls,
            ["options"] = _ => WrongOptions.Calls(),
            ["scoring"] = WrongScoringInput.Calls,
            ["detectors"] = WrongDetectorInput.Calls,
            ["weights"] = WrongWeights.Calls,
            ["model files"] = WrongModelFiles.Calls,
            ["front ends"] = _ => WrongFrontEndInput.Calls(),
        };

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void EachWrongCallIsAManagedExceptionAndEndsNoProcess()
    {
        List<WrongCallOutcome> outcomes = [];
        int lost = 0;
        foreach (string group in s_groups.Keys)
        {
            List<WrongCallOutcome> found = Outcomes(group, ref lost);
            Assert.IsNotEmpty(found, $"{group}: no calls");
            TestContext.WriteLine($"{group}: {found.Count} calls");
            found.ForEach(outcome => TestContext.WriteLine($"  {outcome}"));
            outcomes.AddRange(found);
        }

        TestContext.WriteLine(
            $"entries tried {outcomes.Count}, managed exceptions {outcomes.Count(outcome => outcome.Exception is not null)}, "
            + $"processes lost {lost}");
        Assert.AreEqual(0, lost, "processes lost");
        CollectionAssert.AreEqual(Array.Empty<WrongCallOutcome>(), outcomes.FindAll(outcome => outcome.Problem is not null));
    }

    /// <summary>A group's calls, one after the other in one process; where a call ends it, the next goes on in another.</summary>
    private static List<WrongCallOutcome> Outcomes(string group, ref int lost)
    {
        using var folder = new TemporaryFolder();
        string log = folder.File("outcomes");
        List<WrongCallOutcome> outcomes = [];
        while (true)
        {
            string next = outcomes.Count.ToString(CultureInfo.InvariantCulture);
            string? ended = null;
            try
            {
                FreshProcess.Run(MakeCalls, group, next, log);
            }
            catch (InvalidOperationException error)
            {
                ended = error.Message;
            }

            // A call's name is written before it is made, its outcome after it.
            string[] lines = File.Exists(log) ? File.ReadAllLines(log) : [];
            outcomes = [.. lines.Where(line => line[0] == '{').Select(line => JsonSerializer.Deserialize<WrongCallOutcome>(line)!)];
            if (ended is null)
            {
                return outcomes;
            }

            lost++;
            string call = lines.Length > 0 && lines[^1][0] != '{' ? lines[^1] : $"{group}, before or after its calls";
            var outcome = new WrongCallOutcome(call, null, ended, "the process was lost");
            outcomes.Add(outcome);
            if (call != lines.LastOrDefault())
            {
                return outcomes;
            }

            File.AppendAllLines(log, [JsonSerializer.Serialize(outcome)]);
        }
    }

    private static string MakeCalls(string[] arguments)
    {
        using var folder = new TemporaryFolder();
        int first = int.Parse(arguments[1], CultureInfo.InvariantCulture);
        foreach (WrongCall call in s_groups[arguments[0]](folder).Skip(first))
        {
            File.AppendAllLines(arguments[2], [call.Name]);
            File.AppendAllLines(arguments[2], [JsonSerializer.Serialize(WrongCallOutcome.Of(call))]);
        }

        Right.TrainAndScore();
        return "";
    }
}
