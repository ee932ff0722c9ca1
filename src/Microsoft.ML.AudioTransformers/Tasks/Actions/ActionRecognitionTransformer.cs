using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Recognizer of the actions of clips: adds scores of verbs, nouns and actions.</summary>
/// <remarks>
/// Adds seven columns. <c>VerbScore</c> and <c>NounScore</c> are vectors of Single with one named slot a class, the
/// probabilities of verbs and of nouns; <c>PredictedVerb</c> and <c>PredictedNoun</c> are keys, those with the highest.
/// <c>ActionVerbs</c>, <c>ActionNouns</c> (vectors of keys) and <c>ActionScores</c> (a vector of Single) hold the best of all
/// pairs of a verb and a noun, best first; the score of an action is the product of both probabilities. <c>MapKeyToValue</c>
/// turns keys into names; <c>mlContext.ActionRecognition().Evaluate</c> computes metrics.
/// </remarks>
public sealed class ActionRecognitionTransformer : AudioModelTransformer
{
    internal const string LoaderSignature = "ActionRecognizer";

    internal ActionRecognitionTransformer(IHost host, AudioModelParameters model)
        : base(host, model)
    {
    }

    /// <summary>Names of the verbs, in the order of the slots of the verb score.</summary>
    public IReadOnlyList<string> VerbNames => ((ActionTask)Model.Task).Verbs.Names;

    /// <summary>Names of the nouns, in the order of the slots of the noun score.</summary>
    public IReadOnlyList<string> NounNames => ((ActionTask)Model.Task).Nouns.Names;

    private protected override (string Model, string Loader) Signatures => ("AUDACTON", LoaderSignature);

    // Called by ML.NET, which finds it by its name, its parameters and its return type.
    private static ITransformer Create(IHostEnvironment environment, object context) => Load<ActionTask>(
        environment, context, LoaderSignature, "action recognizer",
        static (host, model) => new ActionRecognitionTransformer(host, model));
}
