namespace AudioMLNet.Architecture.Tests;

/// <summary>A room of the house: a folder of a project with all below it, or a project's files beside its folders.</summary>
/// <param name="Project">The project, named as its folder without "Microsoft.ML." and "AudioTransformers." before
/// it.</param>
/// <param name="Name">The folder; for the files beside the folders, the project.</param>
/// <param name="Rooms">The other rooms that its code names.</param>
/// <param name="Packages">The packages that its code names; Microsoft.ML is all of ML.NET.</param>
internal sealed record Room(string Project, string Name, string[] Rooms, string[] Packages)
{
    /// <summary>Its line in docs/architecture.md.</summary>
    public string Line => $"| {Name} | {string.Join(", ", Rooms)} | {string.Join(", ", Packages)} |";

    public override string ToString() =>
        $"{Name} may name only {(Rooms.Length + Packages.Length == 0 ? "itself" : string.Join(", ", [.. Rooms, .. Packages]))}";
}

internal static class House
{
    /// <summary>
    /// The rooms from the bottom to the top, each with all that its code names; what its line leaves out, it may not name.
    /// docs/architecture.md has the same lines.
    /// </summary>
    public static IReadOnlyList<Room> Rooms { get; } =
    [
        new("AudioFeaturization", "Files", [], []),
        new("AudioFeaturization", "Checks", [], []),
        new("AudioFeaturization", "Simd", [], []),
        new("AudioFeaturization", "Audio", ["Files", "Checks", "Simd"], []),
        new("AudioFeaturization", "LogMel", ["Checks", "Simd"], ["NWaves"]),
        new("AudioFeaturization", "Windowing", ["Checks", "LogMel"], []),
        new("AudioFeaturization", "Hosting", ["Files"], ["Microsoft.ML"]),
        new("AudioFeaturization", "Transforms",
            ["Files", "Checks", "Audio", "LogMel", "Windowing", "Hosting"], ["Microsoft.ML"]),
        new("AudioFeaturization", "Clips", ["Checks", "LogMel", "Hosting", "Transforms"], ["Microsoft.ML"]),
        new("AudioFeaturization", "ClipScoring",
            ["Checks", "Audio", "LogMel", "Windowing", "Hosting", "Transforms", "Clips"], ["Microsoft.ML"]),
        new("AudioFeaturization", "ClipEmbeddings",
            ["Checks", "LogMel", "Windowing", "Hosting", "Transforms", "Clips"], ["Microsoft.ML"]),
        new("AudioFeaturization", "EventDecoding",
            ["Checks", "LogMel", "Hosting", "Transforms", "Clips", "ClipEmbeddings"], ["Microsoft.ML"]),
        new("AudioFeaturization", "AudioFeaturization", ["Files", "LogMel", "Hosting", "Transforms"], ["Microsoft.ML"]),

        new("AudioDatasets", "Tables", ["Files"], ["CsvHelper"]),
        new("AudioDatasets", "LabelSets", ["Tables"], []),
        new("AudioDatasets", "Datasets", ["Checks", "Audio", "Tables", "LabelSets"], ["Microsoft.ML"]),
        new("AudioDatasets", "Readers", ["Checks", "Tables", "LabelSets", "Datasets"], ["Microsoft.ML"]),
        new("AudioDatasets", "AudioDatasets", ["LabelSets", "Datasets", "Readers"], ["Microsoft.ML"]),

        new("AudioShards", "Parts", ["Files"], ["Parquet"]),
        new("AudioShards", "Shards", ["Files", "Checks", "Hosting", "ClipScoring", "Datasets", "Parts"], ["Microsoft.ML"]),
        new("AudioShards", "AudioShards", ["Checks", "Parts", "Shards"], ["Microsoft.ML"]),

        new("AudioTransformers.Onnx", "Sessions", ["Checks", "Files"], ["Microsoft.ML.OnnxRuntime"]),
        new("AudioTransformers.Onnx", "Serving",
            [
                "Checks", "LogMel", "Windowing", "Hosting", "Clips", "ClipScoring", "ClipEmbeddings", "EventDecoding", "Sessions",
            ],
            ["Microsoft.ML"]),
        new("AudioTransformers.Onnx", "AudioTransformers.Onnx",
            ["Checks", "LogMel", "Hosting", "ClipScoring", "ClipEmbeddings", "EventDecoding", "Sessions", "Serving"],
            ["Microsoft.ML"]),

        new("AudioTransformers", "Native", [], ["TorchSharp"]),
        new("AudioTransformers", "Core", ["Hosting", "Native"], ["Microsoft.ML", "TorchSharp"]),
        new("AudioTransformers", "Distributed", ["Checks", "Core"], ["TorchSharp"]),
        new("AudioTransformers", "Drawing", ["Files"], []),
        new("AudioTransformers", "Checkpoints", ["Files", "Checks"], ["TorchSharp"]),
        new("AudioTransformers", "Onnx", ["Files", "Checks", "Checkpoints"], ["Google.Protobuf"]),
        new("AudioTransformers", "FrontEnds", ["Checks", "Audio", "LogMel", "Core", "Onnx"], ["TorchSharp", "NWaves"]),
        new("AudioTransformers", "Evaluation", ["Hosting", "Clips", "Core"], ["Microsoft.ML"]),
        new("AudioTransformers", "Options",
            ["Checks", "Audio", "LogMel", "Windowing", "Distributed", "Checkpoints", "FrontEnds"], ["Microsoft.ML"]),
        new("AudioTransformers", "Models",
            ["Checks", "LogMel", "Clips", "EventDecoding", "Core", "Native", "Distributed", "Checkpoints", "Onnx", "Options"],
            ["TorchSharp"]),
        new("AudioTransformers", "Training",
            [
                "Files", "Checks", "Audio", "LogMel", "Hosting", "Clips", "Core", "Native", "Distributed", "Drawing",
                "Checkpoints", "FrontEnds", "Options", "Models",
            ],
            ["Microsoft.ML", "TorchSharp", "NWaves"]),
        new("AudioTransformers", "Scoring",
            [
                "Checks", "LogMel", "Windowing", "Hosting", "Clips", "ClipScoring", "ClipEmbeddings", "EventDecoding",
                "Core", "Checkpoints", "Onnx", "FrontEnds", "Options", "Models", "Training",
            ],
            ["Microsoft.ML", "TorchSharp"]),
        new("AudioTransformers", "Tasks",
            [
                "Checks", "Audio", "LogMel", "Windowing", "Hosting", "Transforms", "Clips", "ClipScoring", "EventDecoding",
                "Core", "Distributed", "Checkpoints", "Onnx", "Evaluation", "Options", "Models", "Training", "Scoring",
            ],
            ["Microsoft.ML", "TorchSharp"]),
        new("AudioTransformers", "Pretrained",
            [
                "Checks", "LogMel", "Hosting", "Clips", "ClipScoring", "LabelSets", "Core", "Checkpoints", "Options", "Models",
                "Scoring", "Tasks",
            ],
            ["Microsoft.ML", "TorchSharp"]),
        new("AudioTransformers", "Charts",
            [
                "LogMel", "Clips", "EventDecoding", "Core", "Drawing", "Evaluation", "Models", "Scoring", "Tasks",
            ],
            ["TorchSharp"]),
        new("AudioTransformers", "Reports",
            [
                "Files", "Checks", "Audio", "LogMel", "Hosting", "Transforms", "EventDecoding", "Drawing",
                "Evaluation", "Options", "Tasks",
            ],
            ["Microsoft.ML"]),
        new("AudioTransformers", "AudioTransformers",
            ["Checks", "Hosting", "Core", "Options", "Models", "Scoring", "Tasks"], ["Microsoft.ML"]),

        new("AutoML", "Sweeps",
            [
                "Files", "Checks", "LogMel", "AudioFeaturization", "Drawing", "Evaluation", "Options", "Tasks", "Reports",
                "AudioTransformers",
            ],
            ["Microsoft.ML"]),
        new("AutoML", "AutoML",
            [
                "Checks", "LogMel", "Transforms", "AudioFeaturization", "Options", "Models", "Tasks", "Sweeps",
            ],
            ["Microsoft.ML"]),

        new("AudioTransformers.Hosting", "Batching",
            [
                "Files", "Checks", "LogMel", "Windowing", "Clips", "ClipScoring", "EventDecoding",
                "Training", "Scoring", "Tasks", "AudioTransformers",
            ],
            ["Microsoft.ML", "Microsoft.Extensions"]),
        new("AudioTransformers.Hosting", "Scorers",
            [
                "Checks", "Audio", "LogMel", "Windowing", "Clips", "ClipScoring", "EventDecoding",
                "Scoring", "Tasks", "Batching",
            ],
            ["Microsoft.Extensions"]),
        new("AudioTransformers.Hosting", "AudioTransformers.Hosting",
            ["Batching", "Scorers"], ["Microsoft.Extensions"]),

        new("AudioTransformers.Interactive", "OldLinux", [], ["TorchSharp"]),
        new("AudioTransformers.Interactive", "AudioTransformers.Interactive",
            ["Files", "Audio", "LogMel", "Drawing", "Evaluation", "Options", "Training", "Tasks", "Charts", "Reports", "OldLinux"],
            ["Microsoft.DotNet.Interactive"]),
    ];

    public static Room Find(string name) => Rooms.Single(room => room.Name == name);
}
