using Microsoft.ML.AudioTransformers;

namespace Microsoft.ML;

/// <summary>The evaluators of audio models, by what the models do.</summary>
public static class AudioEvaluationCatalog
{
    /// <summary>Evaluates models that tag clips with any number of labels each (AudioSet, OpenMIC).</summary>
    /// <param name="mlContext">The context that evaluates.</param>
    public static AudioTaggingCatalog AudioTagging(this MLContext mlContext)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        return new AudioTaggingCatalog(mlContext);
    }

    /// <summary>Evaluates models that give each clip one of several classes (ESC-50, SpeechCommands).</summary>
    /// <param name="mlContext">The context that evaluates.</param>
    public static AudioClassificationCatalog AudioClassification(this MLContext mlContext)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        return new AudioClassificationCatalog(mlContext);
    }

    /// <summary>Evaluates models that recognize a verb and a noun (EPIC-Kitchens).</summary>
    /// <param name="mlContext">The context that evaluates.</param>
    public static ActionRecognitionCatalog ActionRecognition(this MLContext mlContext)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        return new ActionRecognitionCatalog(mlContext);
    }

    /// <summary>Evaluates models that find when which sound is heard (DESED).</summary>
    /// <param name="mlContext">The context that evaluates.</param>
    public static SoundEventDetectionCatalog SoundEvents(this MLContext mlContext)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        return new SoundEventDetectionCatalog(mlContext);
    }
}
