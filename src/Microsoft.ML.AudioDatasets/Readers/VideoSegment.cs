using System.Globalization;
using Microsoft.ML.AudioDatasets.Datasets;

namespace Microsoft.ML.AudioDatasets.Readers;

/// <summary>Segment of a video of a public site: data sets list them, and everyone downloads the recordings.</summary>
/// <param name="Id">The video's identifier.</param>
/// <param name="Start">The start in seconds.</param>
/// <param name="End">The end in seconds.</param>
internal readonly record struct VideoSegment(string Id, double Start, double End)
{
    /// <summary>Adds the clip of a segment: it is cut from the whole video, or is a file of its own.</summary>
    /// <param name="builder">The collector.</param>
    /// <param name="files">The recordings.</param>
    /// <param name="clip">The clip; it gets its name, video, start and duration.</param>
    public void AddTo(DatasetBuilder builder, AudioFiles files, Clip clip)
    {
        clip.Name = string.Create(CultureInfo.InvariantCulture, $"{Id}_{Start}_{End}");
        clip.Video = Id;
        if (builder.HasWholeVideos)
        {
            clip.Start = Start;
            clip.Duration = End - Start;
        }

        builder.Add(clip, files.FindStems(builder.HasWholeVideos ? [Id, "Y" + Id] : FileNames()));
    }

    /// <summary>
    /// The names that download tools give the file of a segment: the identifier alone, or with its start, or with start and
    /// end; in seconds, in milliseconds, in seconds with six digits or three decimals; the authors of PANNs put a Y before
    /// it.
    /// </summary>
    private IEnumerable<string> FileNames()
    {
        (string id, double start, double end) = (Id, Start, End);
        return new[]
        {
            "",
            Invariant($"_{start:0}"),
            Invariant($"_{start:000000}"),
            Invariant($"_{start * 1000:0}"),
            Invariant($"_{start:0}_{end:0}"),
            Invariant($"_{start:000000}_{end:000000}"),
            Invariant($"_{start * 1000:0}_{end * 1000:0}"),
            Invariant($"_{start:0.000}_{end:0.000}"),
        }.SelectMany(times => new[] { id + times, "Y" + id + times });
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
