using Microsoft.ML.AudioTransformers.Evaluation;

namespace Microsoft.ML.AudioTransformers.Reports;

/// <summary>What the reports of all tasks do alike: intervals, the choice of clips, their files and sounds.</summary>
internal sealed class ReportBuilder(AudioReportOptions options)
{
    // Rows of clips that a page lists at most; those that are shown and mistakes come first.
    private const int MaximumClips = 20_000;

    private const double Level = 0.95;
    private const int FewestResamples = 50;

    // Sections of clips are made when it is known which clips the page has.
    private readonly List<Func<Func<int, int?>, ReportSection?>> _sections = [];
    private readonly List<int[]> _shown = [];

    /// <summary>Adds a section; null for none.</summary>
    public void Add(ReportSection? section) => _sections.Add(_ => section);

    /// <summary>Adds a section that names clips.</summary>
    /// <param name="create">Creates it from the place of an evaluated clip in the page, which is null where it is not there.
    /// </param>
    public void Add(Func<Func<int, int?>, ReportSection?> create) => _sections.Add(create);

    /// <summary>Bootstrap resamples that there is the time for; 0 where they would be too few.</summary>
    /// <param name="steps">Work of a resample: about the numbers that it reads.</param>
    public int Resamples(long steps)
    {
        // Four hundred million numbers take about ten seconds of two cores.
        const double work = 4e8;
        int resamples = (int)Math.Min(options.ResampleCount, work / Math.Max(1, steps));
        return resamples < FewestResamples ? 0 : resamples;
    }

    /// <summary>Metrics with bootstrap intervals, as many resamples as the work allows.</summary>
    /// <param name="clipCount">Clips.</param>
    /// <param name="steps">Work of a resample: about the numbers that it reads.</param>
    /// <param name="metrics">Metrics of clips with the given indices; called on several threads.</param>
    /// <param name="items">Name, value and meaning of each metric.</param>
    public IEnumerable<ReportNumber> WithIntervals(
        int clipCount, long steps, Func<int[], double[]> metrics, params IReadOnlyList<ReportNumber> items)
    {
        int resamples = Resamples(steps);
        if (resamples == 0)
        {
            return items;
        }

        ConfidenceInterval[] intervals = Bootstrap.Intervals(
            clipCount, metrics, [.. items.Select(item => item.Value)], resamples, Level, options.Seed);
        return items.Zip(intervals, (item, interval) => ReportNumber.Of(item.Name, interval, item.Meaning));
    }

    /// <summary>Adds a list of clips that are shown: so many of the options, the first ones given.</summary>
    /// <param name="title">Title.</param>
    /// <param name="about">What they are.</param>
    /// <param name="clips">Indices of evaluated clips.</param>
    public void AddClips(string title, string about, IEnumerable<int> clips)
    {
        int[] shown = [.. clips.Distinct().Take(options.ClipsPerKind)];
        _shown.Add(shown);
        Add(place => new ClipsSection(title, [.. shown.Select(place).OfType<int>()]) { About = about });
    }

    /// <summary>Adds clips drawn at random, which show what is usual.</summary>
    public void AddRandomClips(int clipCount)
    {
        var random = new Random(options.Seed);
        AddClips(
            "A random sample",
            "Clips drawn at random, right or wrong: what the data sounds like.",
            Enumerable.Repeat(0, clipCount == 0 ? 0 : 4 * options.ClipsPerKind).Select(_ => random.Next(clipCount)));
    }

    /// <summary>Saves the page.</summary>
    /// <param name="path">The file.</param>
    /// <param name="title">Title, where the options have none.</param>
    /// <param name="what">What was evaluated.</param>
    /// <param name="classes">Names of the classes.</param>
    /// <param name="clipCount">Evaluated clips.</param>
    /// <param name="isWrong">Whether an evaluated clip is a mistake.</param>
    /// <param name="create">Creates the page's clip from an evaluated one.</param>
    /// <param name="names">Name of each clip, by which its file is found; null where it is found by the row.</param>
    /// <param name="rowCount">Rows of the evaluated view; null for as many as evaluated clips.</param>
    public void Save(
        string path,
        string title,
        string what,
        IReadOnlyList<string> classes,
        int clipCount,
        Func<int, bool> isWrong,
        Func<int, ReportClip> create,
        Func<int, string>? names = null,
        long? rowCount = null)
    {
        int[] listed = Listed(clipCount, isWrong);
        Dictionary<int, int> places =
            listed.Select((clip, place) => (clip, place)).ToDictionary(item => item.clip, item => item.place);
        ReportClip[] clips = [.. listed.Select(create)];
        if (options.Clips is not null)
        {
            if (names is null)
            {
                ClipFiles.AddByRow(clips, rowCount ?? clipCount, options);
            }
            else
            {
                ClipFiles.AddByName(listed.ToDictionary(names, clip => clips[places[clip]]), options);
            }
        }

        var page = new ReportPage
        {
            Title = options.Title ?? title,
            Made = ReportPage.MadeBy(listed.Length == clipCount
                ? what
                : FormattableString.Invariant($"{what}, of which the page lists {listed.Length}, mistakes first")),
            Classes = classes,
            Clips = clips,
            Sections =
            [
                .. _sections.Select(create => create(clip => places.TryGetValue(clip, out int place) ? place : null))
                    .OfType<object>(),
                .. TrainingSections.Of(options.Training, options.Code),
            ],
        };
        ClipSounds.AddTo(
            InTurn().Select(clip => clips[places[clip]]), ClipFiles.SampleRate(options), options,
            (options.MaximumMegabytes * 1_000_000L) - Length(page));
        page.Save(path);
    }

    /// <summary>Clips of the page: all, or those that are shown, then mistakes, then others, as many as a page holds.</summary>
    private int[] Listed(int clipCount, Func<int, bool> isWrong)
    {
        IEnumerable<int> all = Enumerable.Range(0, clipCount);
        return clipCount <= MaximumClips
            ? [.. all]
            : [.. _shown.SelectMany(shown => shown).Concat(all.Where(isWrong)).Concat(all).Distinct().Take(MaximumClips).Order()];
    }

    /// <summary>Shown clips, the first of each list before the second of any.</summary>
    private IEnumerable<int> InTurn() => Enumerable.Range(0, options.ClipsPerKind)
        .SelectMany(turn => _shown.Where(shown => turn < shown.Length).Select(shown => shown[turn]))
        .Distinct();

    private static long Length(ReportPage page)
    {
        using var stream = new MemoryStream();
        page.WriteTo(stream);
        return stream.Length;
    }
}
