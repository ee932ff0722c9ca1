using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.Transforms;
using Microsoft.ML.AudioFeaturization.Windowing;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.ClipEmbeddings;

/// <summary>Row mapping of an embedder: adds the embeddings to a row and, with one a window, their times.</summary>
internal sealed class EmbeddingMapping : RowMapping
{
    private readonly EmbeddingDescription _description;
    private readonly AudioEmbedder _embedder;
    private readonly WaveformReader _reader;

    public EmbeddingMapping(EmbeddingDescription description, AudioEmbedder embedder, DataViewSchema.Column waveforms)
        : base([waveforms], Columns(description, embedder.Length))
    {
        _description = description;
        _embedder = embedder;
        _reader = new WaveformReader(description.FrontEnd);
        _reader.CheckColumn(waveforms);
    }

    /// <summary>Creates the columns: the embeddings and, with one a window, their times.</summary>
    public static DataViewSchema.DetachedColumn[] Columns(EmbeddingDescription description, int length) =>
        description.Kind == AudioEmbeddingKind.Scene
            ? [new(description.OutputColumnName, new VectorDataViewType(NumberDataViewType.Single, length))]
            :
            [
                new(description.OutputColumnName, new VectorDataViewType(NumberDataViewType.Single, 0, length)),
                new(description.TimestampsColumnName, new VectorDataViewType(NumberDataViewType.Single)),
            ];

    public override Delegate?[] CreateGetters(DataViewRow input, Func<int, bool> isActive, out IDisposable? state)
    {
        state = null;
        string column = Sources[0].Name;
        ValueGetter<VBuffer<float>> waveforms = input.GetGetter<VBuffer<float>>(Sources[0]);
        VBuffer<float> waveform = default;
        var guard = new RowGuard();
        ReadOnlySpan<float> Read()
        {
            waveforms(ref waveform);
            ReadOnlySpan<float> values = waveform.IsDense ? waveform.GetValues() : waveform.DenseValues().ToArray();
            _reader.CheckValues(values, column, input.Position);
            return values;
        }

        if (_description.Kind == AudioEmbeddingKind.Scene)
        {
            // A file is read as a stream, where the column has one, so that its length does not matter.
            ValueGetter<WaveformStream?>? streams = WaveformStream.Find(input, Sources[0]);
            ValueGetter<VBuffer<float>> scene = (ref VBuffer<float> value) =>
            {
                using RowGuard.Use use = guard.Enter();
                WaveformStream? stream = null;
                streams?.Invoke(ref stream);
                using (stream)
                {
                    SampleReader read = stream is null ? WaveformWindows.ReaderOf(Read().ToArray()) : stream.Read;
                    AnnotationKinds.Fill<float>(ref value, _embedder.Scene(read, column, input.Position));
                }
            };
            return [scene];
        }

        ValueGetter<VBuffer<float>> embedding = (ref VBuffer<float> value) =>
        {
            using RowGuard.Use use = guard.Enter();
            AnnotationKinds.Fill<float>(ref value, _embedder.Timestamped(Read()));
        };
        ValueGetter<VBuffer<float>> timestamps = (ref VBuffer<float> value) =>
        {
            using RowGuard.Use use = guard.Enter();
            EmbeddingWindows windows = _description.Windows;
            var centers = new float[windows.Count(Read().Length)];
            for (int i = 0; i < centers.Length; i++)
            {
                centers[i] = windows.Center(i);
            }

            AnnotationKinds.Fill<float>(ref value, centers);
        };
        return [isActive(0) ? embedding : null, isActive(1) ? timestamps : null];
    }
}
