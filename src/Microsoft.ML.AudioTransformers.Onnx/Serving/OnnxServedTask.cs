using Microsoft.ML.AudioFeaturization.ClipEmbeddings;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.ClipScoring;
using Microsoft.ML.AudioFeaturization.EventDecoding;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Onnx.Sessions;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Onnx.Serving;

/// <summary>What a served model does with a row: one of the three is not null, as its task says.</summary>
internal sealed class OnnxServedTask
{
    private OnnxServedTask()
    {
    }

    /// <summary>Classifier, tagger or action recognizer.</summary>
    public OnnxClipScorer? Scorer { get; private init; }

    /// <summary>Detector of sound events.</summary>
    public OnnxPresenceModel? Detector { get; private init; }

    /// <summary>Embedder.</summary>
    public OnnxEmbeddingModel? Embedder { get; private init; }

    /// <summary>The model of a task.</summary>
    /// <exception cref="InvalidDataException">The task is not known, or the metadata is damaged.</exception>
    /// <exception cref="NotSupportedException">The task needs a model that takes features, if only as an option.</exception>
    public static OnnxServedTask Of(OnnxSession session, OnnxModelInfo info, int batchSize) => info.Task switch
    {
        "classification" or "tagging" or "actions" =>
            new OnnxServedTask { Scorer = new OnnxClipScorer(session, info, batchSize) },
        "sound events" => new OnnxServedTask { Detector = new OnnxPresenceModel(session, info) },
        "embeddings" => new OnnxServedTask { Embedder = new OnnxEmbeddingModel(session, info, batchSize) },
        _ => throw info.Error(
            OnnxMetadata.Task, info.Task,
            "classification, tagging, actions, sound events or embeddings"),
    };

    /// <summary>Columns that the model adds.</summary>
    /// <param name="events">Description of the detector, for a detector.</param>
    public DataViewSchema.DetachedColumn[] CreateColumns(EventDescription? events) =>
        Scorer is not null ? Scorer.Columns.CreateColumns()
        : Detector is not null ? EventMapping.Columns(events!)
        : EmbeddingMapping.Columns(Embedder!.Description, Embedder.EmbeddingLength);

    /// <summary>Row mapping for an input.</summary>
    /// <param name="column">The feature column.</param>
    /// <param name="events">Description of the detector with its decoding options, for a detector.</param>
    /// <param name="warn">Takes warnings.</param>
    public RowMapping CreateMapping(DataViewSchema.Column column, EventDescription? events, Action<string> warn) =>
        Scorer is not null ? new ScoringMapping(Scorer, column, warn)
        : Detector is not null ? new EventMapping(Detector, events!, column)
        : new EmbeddingMapping(Embedder!.Description, Embedder.Embedder, column);
}
