using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Microsoft.ML.AudioDatasets.Datasets;
using Microsoft.ML.AudioFeaturization.Files;
using Microsoft.ML.AudioShards.Parts;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioShards.Shards;

/// <summary>
/// Scores a shard: piece by piece, each a file once it is whole, and in the end all pieces as one part. A run that finds
/// pieces of the same recordings and model goes on after them. What a process had in work when it died is scored by itself,
/// and given up when it has been so for too many.
/// </summary>
internal sealed class ShardRun
{
    // A piece of long recordings ends by time, so that a kill costs no more than this.
    private static readonly TimeSpan s_pieceTime = TimeSpan.FromMinutes(1);

    // The most recordings that a warning names.
    private const int NamedDeaths = 8;

    private readonly ITransformer _model;
    private readonly DataViewSchema _schema;
    private readonly AudioShardOptions _options;
    private readonly string _folder;
    private readonly string _output;
    private readonly PartNames _names;
    private readonly IChannel _channel;

    /// <param name="model">The model.</param>
    /// <param name="schema">Schema of <see cref="ClipRow.CreateSchema"/>.</param>
    /// <param name="folder">Full path of the folder of the recordings.</param>
    /// <param name="output">Folder of the parts; made where it is missing.</param>
    /// <param name="options">Checked options.</param>
    /// <param name="channel">Told of the pieces.</param>
    public ShardRun(
        ITransformer model,
        DataViewSchema schema,
        string folder,
        string output,
        AudioShardOptions options,
        IChannel channel)
    {
        _model = model;
        _schema = schema;
        _folder = folder;
        _output = output;
        _options = options;
        _names = new PartNames(output, options.Shard.Index, options.Shard.Count);
        _channel = channel;
    }

    /// <summary>Scores what is not scored yet.</summary>
    /// <exception cref="IOException">Another process scores this shard.</exception>
    public AudioShardResult Run(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_output);
        CheckOthers();
        Directory.CreateDirectory(_names.Pieces);
        AudioShardResult result;
        List<ClipScorer> scorers = [];
        using (Lock())
        {
            AtomicFile.RemoveAbandonedIn(_names.Pieces);
            AtomicFile.RemoveAbandoned(_names.Part);
            AtomicFile.RemoveAbandoned(_names.Unscored);
            AtomicFile.RemoveAbandoned(_names.Sums);
            ShardFile[] files = Files();
            try
            {
                using ShardJournal journal = OpenJournal();
                using CancellationTokenRegistration asked = cancellationToken.Register(journal.Ask);
                do
                {
                    scorers.Add(new ClipScorer(_model, _schema, _options, _folder));
                }
                while (scorers.Count < Math.Min(_options.Workers, files.Length));
                result = Run(files, [.. scorers], journal, cancellationToken);
            }
            finally
            {
                scorers.ForEach(scorer => scorer.Dispose());
            }

            RemovePieces();
        }

        RemoveFolder();
        return result;
    }

    private ShardFile[] Files()
    {
        bool isEmpty = true;
        List<ShardFile> files = [];
        foreach ((string name, FileInfo file) in AudioFiles.Below(_folder))
        {
            isEmpty = false;
            if (_options.Shard.Contains(name))
            {
                bool isLink = file.Attributes.HasFlag(FileAttributes.ReparsePoint);
                FileSystemInfo? target = isLink ? file.ResolveLinkTarget(returnFinalTarget: true) : file;
                files.Add(new ShardFile(name, target is FileInfo { Exists: true } whole ? whole.Length : -1));
            }
        }

        // Nothing is mounted there, most likely; an empty part would take the place of a whole one.
        return !isEmpty
            ? [.. files.OrderBy(file => file.Name, StringComparer.Ordinal)]
            : throw new InvalidDataException($"'{_folder}' has no recording; expected a folder with recordings.");
    }

    private ShardJournal OpenJournal()
    {
        ShardJournal journal = ShardJournal.Open(_names.Journal);
        if (journal.Died.Count > 0)
        {
            _channel.Warning(
                MessageSensitivity.UserData,
                $"shard {_options.Shard}: a process died while it scored '"
                + string.Join("', '", journal.Died.Take(NamedDeaths).Select(file => file.Name))
                + (journal.Died.Count > NamedDeaths ? $"' and {journal.Died.Count - NamedDeaths} more." : "'.")
                + " Each is scored by itself now.");
        }

        return journal;
    }

    private AudioShardResult Run(
        ShardFile[] files, ClipScorer[] scorers, ShardJournal journal, CancellationToken cancellationToken)
    {
        PartHeader header = scorers[0].Header;
        string hash = PieceRecord.HashOf(files);
        if (PartSums.Hold(_names))
        {
            CheckPart(header);
            if (PieceRecord.TryRead(_names.Part, header) is { } done && done.Hash == hash)
            {
                return Result(done, done.Files);
            }
        }

        long start = Stopwatch.GetTimestamp();
        List<int> pieces = [];
        (int resumed, int unscored) = (0, 0);
        for (int next = 0; next < files.Length;)
        {
            PieceRecord? piece = TryReadPiece(next, header);
            if (piece is not null && piece.Files >= 1 && piece.Files <= files.Length - next
                && piece.Hash == PieceRecord.HashOf(files.AsSpan(next, piece.Files)))
            {
                resumed += piece.Files;
            }
            else
            {
                piece = ScorePiece(files, next, scorers, journal, cancellationToken);
                double speed = (next + piece.Files - resumed) / Stopwatch.GetElapsedTime(start).TotalSeconds;
                Report($"shard {_options.Shard}: {next + piece.Files} of {files.Length} recordings, {speed:F1} a second");
            }

            unscored += piece.UnscoredCount;
            pieces.Add(next);
            next += piece.Files;
        }

        if (unscored > 0)
        {
            _channel.Warning(MessageSensitivity.UserData, FormattableString.Invariant(
                $"shard {_options.Shard}: {unscored} of {files.Length} recordings have no scores; '{_names.Unscored}' says why."));
        }

        var record = new PieceRecord { Files = files.Length, Hash = hash, UnscoredCount = unscored };
        PartWriter.WriteUnscored(_names.Unscored, pieces.SelectMany(
            first => ReadPiece(first, header).Unscored.Select(file => new PartRow(file.Path) { Label = file.Reason })));
        PartWriter.Write(
            _names.Part, header, pieces.SelectMany(first => PartReader.Rows(_names.Piece(first))), record.ToMetadata);
        PartSums.Write(_names);
        return Result(record, resumed);
    }

    // A bit of it may have changed since it was written. Without it, the next run scores it again.
    private PieceRecord ReadPiece(int first, PartHeader header)
    {
        if (TryReadPiece(first, header) is { } piece)
        {
            return piece;
        }

        AtomicFile.TryDelete(_names.Piece(first));
        throw new InvalidDataException(
            $"'{_names.Piece(first)}' is not what was written: the disk or file system damaged it. Run the shard again.");
    }

    private PieceRecord? TryReadPiece(int first, PartHeader header) =>
        PartSums.HoldPiece(_names, first) ? PieceRecord.TryRead(_names.Piece(first), header) : null;

    // A recording that a process died of, perhaps, is a piece by itself.
    private int EndOfPiece(ShardFile[] files, int first, ShardJournal journal)
    {
        bool IsSuspect(ShardFile file) => journal.Deaths(file) is > 0 and int deaths && deaths < _options.MaxDeaths;
        int end = (int)Math.Min(files.Length, (long)first + _options.PieceFiles);
        if (IsSuspect(files[first]))
        {
            return first + 1;
        }

        int suspect = Array.FindIndex(files, first, end - first, IsSuspect);
        return suspect < 0 ? end : suspect;
    }

    private PieceRecord ScorePiece(
        ShardFile[] files, int first, ClipScorer[] scorers, ShardJournal journal, CancellationToken cancellationToken)
    {
        int end = EndOfPiece(files, first, journal);
        var rows = new PartRow[end - first][];
        var reasons = new string?[end - first];
        long start = Stopwatch.GetTimestamp();
        int taken = first;
        Exception? failure = null;

        // Each takes the next recording until the piece is full or its time is over: those that were taken are without gaps.
        void Work(ClipScorer scorer)
        {
            while (failure is null && (taken == first || Stopwatch.GetElapsedTime(start) < s_pieceTime))
            {
                cancellationToken.ThrowIfCancellationRequested();
                int file = Interlocked.Increment(ref taken) - 1;
                if (file >= end)
                {
                    return;
                }

                (rows[file - first], reasons[file - first]) = Score(files[file], scorer, journal);
            }
        }

        // Threads of their own: the number of LibTorch's threads is one of the thread that calls it.
        Thread[] threads =
        [
            .. scorers.Select(scorer => new Thread(() =>
            {
                try
                {
                    Work(scorer);
                }
                catch (Exception exception)
                {
                    Interlocked.CompareExchange(ref failure, exception, null);
                }
            }) { IsBackground = true, Name = "Shard" }),
        ];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        int count = Math.Min(taken, end) - first;
        UnscoredFile[] unscored =
        [
            .. Enumerable.Range(0, count).Where(i => reasons[i] is not null)
                .Select(i => new UnscoredFile(files[first + i].Name, reasons[i]!)),
        ];
        var record = new PieceRecord
        {
            Files = count,
            Hash = PieceRecord.HashOf(files.AsSpan(first, count)),
            UnscoredCount = unscored.Length,
            Unscored = unscored,
        };
        PartWriter.Write(
            _names.Piece(first), scorers[0].Header, rows.Take(count).SelectMany(clip => clip), record.ToMetadata);
        PartSums.WritePiece(_names, first);
        journal.Compact();
        return record;
    }

    private (PartRow[] Rows, string? Reason) Score(ShardFile file, ClipScorer scorer, ShardJournal journal)
    {
        int deaths = journal.Deaths(file);
        if (deaths >= _options.MaxDeaths)
        {
            return ([], FormattableString.Invariant(
                $"'{Path.Combine(_folder, file.Name)}': {deaths} processes died while they scored it, the last by itself."));
        }

        journal.Begin(file);
        try
        {
            return (scorer.Score(file.Name, out string? reason), reason);
        }
        finally
        {
            journal.End(file);
        }
    }

    private AudioShardResult Result(PieceRecord record, int resumed) => new()
    {
        Path = _names.Part,
        UnscoredPath = _names.Unscored,
        Files = record.Files,
        Unscored = record.UnscoredCount,
        Resumed = resumed,
    };

    private void CheckOthers()
    {
        int other = PartNames.Find(_output).Select(part => part.Count).Concat(PartNames.FindUnfinished(_output))
            .FirstOrDefault(count => count != _options.Shard.Count);
        if (other > 0)
        {
            throw new InvalidDataException(
                $"'{_output}' has parts of {other} shards, and this is one of {_options.Shard.Count}; "
                + "expected a folder of its own for each scoring.");
        }
    }

    private void CheckPart(PartHeader header)
    {
        if (PartReader.HeaderOf(_names.Part).ToString() != header.ToString())
        {
            throw new InvalidDataException(
                $"'{_names.Part}' is of another scoring: its model, kind, column or classes differ. "
                + "Expected a folder of its own for each scoring.");
        }
    }

    private FileStream Lock()
    {
        try
        {
            return new FileStream(
                _names.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0,
                FileOptions.DeleteOnClose);
        }
        catch (IOException exception) when (File.Exists(_names.Lock))
        {
            throw new IOException(
                $"Another process scores shard {_options.Shard} of '{_output}', or '{_names.Lock}' cannot be locked: "
                + exception.Message, exception);
        }
    }

    // While no other process can be in them.
    private void RemovePieces()
    {
        foreach (string path in Directory.EnumerateFiles(_names.Pieces).Where(path => path != _names.Lock))
        {
            AtomicFile.TryDelete(path);
        }
    }

    // Another process that was started for the same shard may have locked it again; it finds the part, and ends.
    private void RemoveFolder()
    {
        try
        {
            Directory.Delete(_names.Pieces);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _channel.Info(MessageSensitivity.None, $"'{_names.Pieces}' is still in use: {exception.Message}");
        }
    }

    private void Report(FormattableString message) =>
        _channel.Info(MessageSensitivity.None, FormattableString.Invariant(message));
}
