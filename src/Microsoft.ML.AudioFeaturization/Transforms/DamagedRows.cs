using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioFeaturization.Transforms;

/// <summary>What a transformer that reads files makes of damaged ones: <see cref="DamagedAudio"/>.</summary>
/// <param name="host">Host of the transformer.</param>
/// <param name="damaged">What becomes of them.</param>
internal sealed class DamagedRows(IHost host, DamagedAudio damaged)
{
    // Warnings are told once for each file; beyond this many, the files are too many to remember.
    private const int MaximumTold = 100_000;

    private readonly ConcurrentDictionary<string, bool> _told = [];

    /// <summary>Told of damage to recordings that are read on; null where damage is an exception.</summary>
    public Action<string>? Warning => damaged == DamagedAudio.Warn ? message => Warn(message, message) : null;

    /// <summary>The view that the transformer makes of its input.</summary>
    public IDataView Transform(RowMapper mapper, IDataView input) => damaged == DamagedAudio.Error
        ? new MappedDataView(mapper, input)
        : new SkippingDataView(mapper, input, IsSkipped, Tell, row => CreateTrial(mapper.Mapping, row));

    /// <summary>Whether an exception says that a file has nothing to give, and not that the rows or options are wrong.</summary>
    public bool IsSkipped(Exception exception)
    {
        bool isSkipped = SkippedRow.IsReason(exception);
        if (isSkipped && damaged == DamagedAudio.Warn)
        {
            // The message names the row; other rows of the same file would be told of again.
            string message = $"{exception.Message} The row is left out.";
            string file = SkippedRow.FromException(0, exception).File;
            Warn(message, file.Length > 0 ? file : message);
        }

        return isSkipped;
    }

    // Features cannot be tried without computing them.
    private static LoadingTrial? CreateTrial(RowMapping mapping, DataViewRow row) =>
        mapping is AudioLoadingMapping loading
            && loading.CreateOtherGetter<WaveformStream?>(row, added: 0) is { } open
            ? new LoadingTrial(open, loading.FilePath(row))
            : null;

    private void Tell(long skipped, long rows, Exception first)
    {
        using IChannel channel = host.Start("Loading");
        channel.Warning(
            MessageSensitivity.None,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{skipped} of {rows} rows are left out, since their files cannot be read whole. The first: {first.Message}"));
    }

    private void Warn(string message, string key)
    {
        if (_told.Count < MaximumTold && _told.TryAdd(key, true))
        {
            using IChannel channel = host.Start("Loading");
            channel.Warning(MessageSensitivity.None, message);
        }
    }
}
