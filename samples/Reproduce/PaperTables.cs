namespace AudioMLNet.Reproduce;

/// <summary>The tables of the three papers, with the papers' numbers.</summary>
internal static class PaperTables
{
    private static readonly Column s_map = new("mAP", 3);

    public static IReadOnlyList<PaperTable> All { get; } =
    [
        new("passt", 1, "AudioSet, single models",
            [
                new(
                    "audioset",
                    s_map,
                    new Column("speed / PaSST-B", 2) { RelativeTo = "PaSST-B" },
                    new Column("memory / PaSST-B", 2) { RelativeTo = "PaSST-B", IsMemory = true }),
            ],
            [
                new("Baseline", [.314, null, null]),
                new("PANNs", [.439, 131.0 / 23.1, .213 / 2.33]),
                new("AST", [.459, 1, 1], Models.Ast(overlap: true)),
                new("AST-N", [.454, 80.0 / 23.1, .534 / 2.33], Models.Ast(overlap: false)),
                new("CNN", [.438, 126.3 / 23.1, .213 / 2.33]),
                new("PaSST-B", [.462, 1, 1], Models.Passt("B")),
                new("PaSST-U", [.466, 43.2 / 23.1, 1.14 / 2.33], Models.Passt("U")),
                new("PaSST-S", [.471, 88.7 / 23.1, .513 / 2.33], Models.Passt("S")),
                new("PaSST-S-L", [.459, 148.6 / 23.1, .311 / 2.33], Models.Passt("S-L")),
                new("PaSST-S-N", [.466, 184.2 / 23.1, .202 / 2.33], Models.Passt("S-N")),
            ])
        {
            Note = "mAP is over the classes that the test set has. Speed is clips a second of a whole training. Memory is the "
                + "peak of a process of its own, less what it had before the training; the paper's is a GPU's for each clip of "
                + "a batch.",
        },
        new("passt", 2, "downstream tasks",
            [
                new("openmic", new Column("OpenMIC mAP", 3)),
                new("esc50", new Column("ESC-50 accuracy")),
                new("tau2020", new Column("DCASE20 accuracy"), new Column("seen devices"), new Column("unseen devices")),
            ],
            [
                new("Baseline", [.795, 76.9, 54.1, null, null]),
                new("State of the art", [.831, 95.6, 73.7, null, null]),
                new("PaSST-B", [.837, 96.3, 76.3, null, null], Models.Passt("B")),
                new("PaSST-U", [.843, 96.5, 75.6, null, null], Models.Passt("U")),
                new("PaSST-S", [.843, 96.8, 75.6, null, null], Models.Passt("S")),
                new("PaSST-S-L", [.841, 95.5, 73.7, null, null], Models.Passt("S-L")),
                new("PaSST-S-N", [.840, 96.4, 73.9, null, null], Models.Passt("S-N")),
            ]),
        new("htsat", 1, "AudioSet, mAP of single models and ensembles",
            [new("audioset", s_map)],
            [
                new("Baseline", [.314]),
                new("DeepRes", [.392]),
                new("PANN", [.434]),
                new("PSLA (pretrained)", [.444]),
                new("AST (not pretrained)", [.366], Models.Ast(overlap: true)),
                new("AST (pretrained)", [.459]),
                new("HTS-AT H", [.440], Models.HtsAt("H")),
                new("HTS-AT HC", [.453], Models.HtsAt("HC")),
                new("HTS-AT HCP", [.471], Models.HtsAt("HCP")),
                new("HTS-AT HCP, ensemble", [.487]) { EnsembleOf = "HTS-AT HCP" },
            ])
        {
            Note = "HCP is HC from pretrained weights; without --weights it starts at random, as HC does.",
        },
        new("htsat", 2, "ESC-50 and Speech Commands V2, accuracy",
            [new("esc50", new Column("ESC-50")), new("speechcommands", new Column("SCV2"))],
            [
                new("PANN | RES-15", [90.5, 97.0]),
                new("AST", [95.6, 98.1], Models.Ast(overlap: true)),
                new("ERANN | KWT-2", [96.1, 97.3]),
                new("HTS-AT", [97.0, 98.0], Models.HtsAt("HC")),
            ]),
        new("htsat", 3, "DESED, event-based F1",
            [
                new("desed",
                [
                    .. new[]
                    {
                        "Alarm", "Blender", "Cat", "Dishes", "Dog", "Shaver", "Frying", "Water", "Speech", "Cleaner",
                        "Average",
                    }.Select(name => new Column(name)),
                ]),
            ],
            [
                new("PANN", [34.3, 42.4, 36.3, 17.6, 35.8, 23.8, 9.3, 30.6, 69.7, 51.0, 35.1]),
                new("HTS-AT", [48.6, 52.9, 67.7, 25.0, 48.0, 42.9, 60.3, 43.0, 46.8, 49.1, 48.4], Models.HtsAt("HC")),
                new("HTS-AT, ensemble", [47.5, 55.1, 72.4, 30.9, 49.7, 41.9, 63.2, 44.3, 51.3, 50.6, 50.7])
                {
                    EnsembleOf = "HTS-AT",
                },
                new("Zheng et al.", [41.4, 54.1, 72.4, 29.4, 47.8, 61.01, 49.2, 33.7, 69.5, 65.5, 52.4]),
                new("Kim et al.", [34.7, 59.8, 71.6, 40.4, 47.3, 26.2, 61.8, 32.8, 64.9, 66.7, 50.6]),
                new("Lu et al.", [37.1, 41.4, 62.5, 40.6, 39.7, 46.5, 46.5, 34.5, 54.5, 46.9, 45.0]),
            ])
        {
            Note = "Ours is trained on DESED's weak labels, where the paper's is trained on AudioSet alone.",
        },
        new("datar", 1, "Kinetics-Sounds, accuracy",
            [new("kinetics", new Column("top 1"), new Column("top 5"))],
            [
                new("AST", [52.6, 71.5], Models.Ast(overlap: true)),
                new("DATAR", [71.5, 90.5], Models.Datar("adaptor 0.005")),
            ]),
        new("datar", 2, "VGGSound, accuracy",
            [new("vggsound", new Column("top 1"), new Column("top 5"))],
            [
                new("AST", [52.3, 78.1], Models.Ast(overlap: true)),
                new("Chen et al.", [48.8, 76.5]),
                new("AudioSlowFast", [50.1, 77.9]),
                new("DATAR", [55.5, 80.2], Models.Datar("adaptor 0.005")),
            ]),
        new("datar", 3, "EPIC-KITCHENS-100, accuracy",
            [new("epic", new Column("verb"), new Column("noun"), new Column("action"))],
            [
                new("AST", [44.3, 22.4, 13.0], Models.Ast(overlap: true)),
                new("Damen et al.", [42.1, 21.5, 14.8]),
                new("AudioSlowFast", [46.5, 22.8, 15.4]),
                new("DATAR", [48.7, 22.9, 16.3], Models.Datar("adaptor 0.005")),
            ]),
        new("datar", 4, "Kinetics-Sounds, ablation",
            [new("kinetics", new Column("top 1"), new Column("top 5"))],
            [
                new("without deformable", [69.4, 86.6], Models.Datar("local")),
                new("with deformable", [70.5, 89.9], Models.Datar("deformable")),
                new("Gaussian perturbation", [70.2, 90.1], Models.Datar("Gaussian")),
                new("Laplacian perturbation", [70.5, 89.6], Models.Datar("Laplacian")),
                new("deformable + adaptor, 0.2", [70.5, 90.2], Models.Datar("adaptor 0.2")),
                new("deformable + adaptor, 0.005", [71.5, 90.5], Models.Datar("adaptor 0.005")),
            ]),
    ];
}
