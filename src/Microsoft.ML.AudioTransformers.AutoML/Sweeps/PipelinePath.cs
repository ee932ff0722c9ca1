using Microsoft.ML.AutoML;
using Microsoft.ML.SearchSpace;
using Microsoft.ML.SearchSpace.Option;
using Space = Microsoft.ML.SearchSpace.SearchSpace;

namespace Microsoft.ML.AudioTransformers.Sweeps;

/// <summary>
/// The ways through a pipeline. A place in it may have several estimators to choose from; a point of its search space
/// names the way that is taken, as AutoML writes it, and has values for the estimators of all ways.
/// </summary>
internal static class PipelinePath
{
    /// <summary>Where a point, and a search space, says which way is taken.</summary>
    public const string Key = "_SCHEMA_";

    private const string Separator = " * ";

    /// <summary>The names of the estimators that a point takes, in their order.</summary>
    public static string[] Estimators(Parameter point) => Split(point[Key].AsType<string>());

    /// <summary>The names of a way's estimators, in their order.</summary>
    public static string[] Split(string way) => way.Split(Separator);

    /// <summary>All ways of a search space; none where it is not a pipeline's.</summary>
    public static string[] All(Space space) =>
        space.TryGetValue(Key, out OptionBase? option) && option is ChoiceOption ways
            ? [.. ways.Choices.Select(way => way.AsType<string>())]
            : [];

    /// <summary>
    /// A point without the values of estimators that its way leaves out: two points that do the same are then the same.
    /// </summary>
    public static Parameter Taken(Parameter point) => !point.ContainsKey(Key)
        ? point
        : Parameter.CreateNestedParameter(
            [.. Estimators(point).Distinct().Append(Key).Select(name => KeyValuePair.Create(name, point[name]))]);
}
