using System.Globalization;
using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Training;

namespace Microsoft.ML.AudioTransformers.Tests.Options;

/// <summary>The official schedules and sampling weights; a case's parameters tell which one it is.</summary>
[TestClass]
public class ScheduleGoldenTests
{
    /// <summary>The learning rate of PaSST's recipe, which its cases leave to their description.</summary>
    private const double PasstLearningRate = 2e-5;

    [TestMethod, TestCategory("Golden"), GoldenCases("schedules")]
    public void Golden(string id)
    {
        GoldenCase golden = Goldens.Load(id);
        JsonElement parameters = golden.Json.GetProperty("params");
        if (parameters.TryGetProperty("passt_sampler", out _))
        {
            SamplingWeights(golden);
        }
        else if (parameters.TryGetProperty("steps_per_epoch", out _))
        {
            Samples(golden, parameters);
        }
        else if (parameters.TryGetProperty("iters", out _))
        {
            Iterations(golden, parameters);
        }
        else
        {
            Epochs(golden, EpochSchedule(parameters));
        }
    }

    private static LearningRateSchedule EpochSchedule(JsonElement parameters)
    {
        if (parameters.TryGetProperty("cycle_len", out JsonElement cycle))
        {
            return new CosineCycleSchedule(
                cycle.GetInt32(),
                parameters.GetProperty("ramp_down_start").GetInt32(),
                parameters.GetProperty("last_lr_value").GetDouble());
        }

        if (parameters.TryGetProperty("lr_rate", out JsonElement factors))
        {
            return new StagedSchedule(
                GoldenCase.Numbers(factors),
                [.. parameters.GetProperty("lr_scheduler_epoch").EnumerateArray().Select(epoch => epoch.GetInt32())]);
        }

        return new ExponentialWarmupSchedule(
            parameters.GetProperty("warmup").GetInt32(),
            parameters.GetProperty("start_rampdown").GetInt32(),
            parameters.GetProperty("rampdown_length").GetInt32(),
            parameters.GetProperty("last_value").GetDouble());
    }

    private static void Epochs(GoldenCase golden, LearningRateSchedule schedule)
    {
        JsonElement expected = golden.Json.GetProperty("expected");
        double[] multipliers = GoldenCase.Numbers(expected.GetProperty("multiplier"));
        GoldenAssert.Close(multipliers, Rates(1, multipliers.Length), golden.Atol, golden.Rtol, $"{golden.Id}: multiplier");
        if (expected.TryGetProperty("lr", out JsonElement rates))
        {
            double learningRate = golden.Json.TryGetProperty("base_lr", out JsonElement given)
                ? given.GetDouble()
                : PasstLearningRate;
            GoldenAssert.Close(
                GoldenCase.Numbers(rates), Rates(learningRate, rates.GetArrayLength()), golden.Atol, golden.Rtol, $"{golden.Id}: lr");
        }

        double[] Rates(double learningRate, int epochs) =>
            [.. Enumerable.Range(0, epochs).Select(epoch =>
                schedule.LearningRate(learningRate, new TrainingPosition(epoch * 7L + 3, 7, epochs)))];
    }

    private static void Samples(GoldenCase golden, JsonElement parameters)
    {
        MultiStepSchedule schedule = new(
            parameters.GetProperty("start").GetInt32(),
            parameters.GetProperty("step").GetInt32(),
            parameters.GetProperty("decay").GetDouble(),
            parameters.GetProperty("warmup").GetBoolean() ? 1000 : 0);
        double[][] samples =
            [.. golden.Json.GetProperty("expected").GetProperty("lr_samples").EnumerateArray().Select(GoldenCase.Numbers)];
        TrainingPosition[] positions = [.. samples.Select(sample => new TrainingPosition(
            (long)sample[1],
            parameters.GetProperty("steps_per_epoch").GetInt32(),
            parameters.GetProperty("n_epochs").GetInt32()))];
        for (int i = 0; i < samples.Length; i++)
        {
            Assert.AreEqual((long)samples[i][0], positions[i].Epoch + 1, $"{golden.Id}: epoch of sample {i}");
        }

        double learningRate = parameters.GetProperty("lr").GetDouble();
        GoldenAssert.Close(
            [.. samples.Select(sample => sample[2])],
            [.. positions.Select(position => schedule.LearningRate(learningRate, position))],
            golden.Atol,
            golden.Rtol,
            $"{golden.Id}: lr_samples");
    }

    private static void Iterations(GoldenCase golden, JsonElement parameters)
    {
        CosineSchedule schedule = new(
            parameters.GetProperty("warmup_epochs").GetDouble(),
            parameters.GetProperty("warmup_lr").GetDouble(),
            parameters.GetProperty("min_lr").GetDouble());
        double learningRate = parameters.GetProperty("base_lr").GetDouble();
        int stepsPerEpoch = parameters.GetProperty("iters").GetInt32();
        int epochs = parameters.GetProperty("epochs").GetInt32();
        double[] expected = GoldenCase.Numbers(golden.Json.GetProperty("expected").GetProperty("lr"));
        double[] actual = [.. Enumerable.Range(0, expected.Length).Select(step =>
            schedule.LearningRate(learningRate, new TrainingPosition(step, stepsPerEpoch, epochs)))];
        GoldenAssert.Close(expected, actual, golden.Atol, golden.Rtol, $"{golden.Id}: lr");
    }

    private static void SamplingWeights(GoldenCase golden)
    {
        GoldenTensor targets = golden["targets"];
        int classCount = (int)targets.Shape[1];
        double[] values = targets.ToDoubles();
        List<int[]> labels = [.. values.Chunk(classCount).Select(row =>
            Enumerable.Range(0, classCount).Where(label => row[label] > 0).ToArray())];
        foreach (JsonProperty expected in golden.Json.GetProperty("expected").EnumerateObject())
        {
            bool ast = expected.Name == "ast_gen_weight";
            double offset = ast
                ? 0.01
                : double.Parse(expected.Name["offset".Length..expected.Name.IndexOf('_')], CultureInfo.InvariantCulture);
            double[] actual = BalancedSampling.Weights(labels, classCount, offset, sum: !expected.Name.EndsWith("_max", StringComparison.Ordinal));
            GoldenAssert.Close(
                GoldenCase.Numbers(expected.Value), actual, golden.Atol, golden.Rtol, $"{golden.Id}: {expected.Name}");
        }
    }
}
