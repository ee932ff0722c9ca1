using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Recognizes the action that is heard in a clip: a verb and a noun.</summary>
/// <remarks>
/// Adds seven columns. <c>VerbScore</c> and <c>NounScore</c> are vectors of Single with one named slot a class, the
/// probabilities of verbs and of nouns; <c>PredictedVerb</c> and <c>PredictedNoun</c> are keys, the best of each.
/// <c>ActionVerbs</c>, <c>ActionNouns</c> (vectors of keys) and <c>ActionScores</c> hold the best actions of all pairs, best
/// first; an action's score is the product of both probabilities. <c>MapKeyToValue</c> turns keys into names, and
/// <c>mlContext.ActionRecognition().Evaluate</c> measures.
/// </remarks>
public sealed class ActionRecognitionTransformer : AudioModelTransformer
{
    internal const string LoaderSignature = "ActionRecognizer";

    internal ActionRecognitionTransformer(IHost host, AudioModelParameters model)
        : base(host, model)
    {
    }

    /// <summary>The verbs, in the order of their scores' slots.</summary>
    public IReadOnlyList<string> VerbNames => ((ActionTask)Model.Task).Verbs.Names;

    /// <summary>The nouns, in the order of their scores' slots.</summary>
    public IReadOnlyList<string> NounNames => ((ActionTask)Model.Task).Nouns.Names;

    private protected override (string Model, string Loader) Signatures => ("AUDACTON", LoaderSignature);

    // Called by ML.NET, which finds it by its name, its parameters and its return type.
    private static ITransformer Create(IHostEnvironment environment, object context) => Load<ActionTask>(
        environment, context, LoaderSignature, "action recognizer", static (host, model) => new ActionRecognitionTransformer(host, model));
}
