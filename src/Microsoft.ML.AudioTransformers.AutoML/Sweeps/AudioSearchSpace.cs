using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.SearchSpace;
using Microsoft.ML.SearchSpace.Option;
using Space = Microsoft.ML.SearchSpace.SearchSpace;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Search spaces over options: what a sweep varies of a trainer or a front end, unless it is told otherwise. Ranges and choices
/// are declared beside the options themselves, so that every model has a space.
/// </summary>
/// <remarks>
/// <para>
/// A space is a dictionary whose keys are the options' names. <c>space["PatchoutTime"] = new UniformIntOption(0, 21)</c> changes
/// a range, <c>space.Remove("Depth")</c> leaves an option as the options have it, and
/// <c>space["BatchSize"] = new ChoiceOption(8, 16)</c> adds one: any number, text, Boolean, enumeration or list of them. Where
/// several options have one name, the key is a path: <c>"Config.Stages[0].Dim"</c>, or as much of its end as means one option.
/// </para>
/// <para>
/// The first point is the options' own values: a range that does not reach one is widened to it, and a choice has it among its
/// values; only on a logarithmic scale does 0 become the lower end. Learning rates are swept from a tenth to ten times the
/// options' own, within 1e-6 to 1e-2. Depth is at most the options' own. Patchout, masks and rolls are at most half of the
/// grid of patches, the frames or the mel bins that the options' front end gives; without one, of PaSST's usual 998 frames
/// and 128 mel bins, so change their ranges where the features are smaller. Ranges of whole numbers include both ends;
/// AutoML's
/// <see cref="UniformIntOption"/> draws from below its maximum and rounds down.
/// </para>
/// <para>
/// Options that exclude each other have a choice beside them: where <c>"Patchout"</c> is <c>"Structured"</c> at a point of a space
/// over PaSST's options, PatchoutUnstructured is 0, and where it is <c>"Unstructured"</c>, PatchoutTime and PatchoutFrequency are.
/// A space over options that combine them is without the choice.
/// </para>
/// <para>
/// The front end of a trainer is not in its space, since pretrained weights and window sizes fit one; its options can be added.
/// </para>
/// </remarks>
public static class AudioSearchSpace
{
    private static readonly MethodInfo s_asType = typeof(Parameter).GetMethod(nameof(Parameter.AsType))!;

    /// <summary>The search space over the options of any model's trainer: of classification or of tagging.</summary>
    /// <param name="options">The options, which give the first point.</param>
    public static Space Of(AudioTrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Create(options, Sizes(options));
    }

    /// <summary>The search space over the options of action recognition, those of its model among them.</summary>
    /// <param name="options">The options, which give the first point.</param>
    public static Space Of(ActionRecognitionTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Create(options, Sizes(options.Model));
    }

    /// <summary>
    /// The search space over the options of sound event detection, those of its model among them. Strong labels have times, so
    /// with them it is without TimeRollFrames.
    /// </summary>
    /// <param name="options">The options, which give the first point.</param>
    public static Space Of(SoundEventDetectionTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Space space = Create(options, Sizes(options.Model));
        if (options.Supervision == EventSupervision.Strong)
        {
            space.Remove(nameof(AudioAugmentationOptions.TimeRollFrames));
        }

        return space;
    }

    /// <summary>The search space over the options of a front end.</summary>
    /// <remarks>
    /// Features are as many frames as the hop length makes of <see cref="LogMelOptions.TargetSamples"/>: a trainer behind the
    /// front end takes the shape that it meets.
    /// </remarks>
    /// <param name="options">The options, which give the first point.</param>
    public static Space Of(LogMelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Create(options);
    }

    /// <param name="options">The options, which give the first point.</param>
    /// <param name="sizes">Sizes by name, of which ranges take a half; null for none.</param>
    internal static Space Create(IOptionGroup options, IReadOnlyDictionary<string, int>? sizes = null)
    {
        IReadOnlyList<OptionPath> all = OptionPath.All(options);
        OptionPath[] swept = [.. all.Where(option => option.IsSwept)];
        var space = new Space();
        foreach (OptionPath option in swept)
        {
            OptionBase? values = option.Declaration.Attribute<SweptRangeAttribute>() is { } range
                ? CreateRange(range, option, sizes)
                : CreateChoice(option.Declaration.Attribute<SweptChoiceAttribute>()!, option);
            if (values is not null)
            {
                space.Add(KeyOf(option, all), values);
            }
        }

        foreach (IGrouping<string, OptionPath> choice in Choices(swept))
        {
            string[] used = [.. choice.Where(option => !option.Value!.Equals(Off(option))).Select(Alternative).Distinct()];
            string[] alternatives = [.. choice.Select(Alternative).Distinct()];
            if (used.Length <= 1)
            {
                space.Add(choice.Key, new ChoiceOption(alternatives, used is [var own] ? own : alternatives[0]));
            }
        }

        return space;
    }

    /// <summary>A copy of options with the values of a point; what is not in the point stays.</summary>
    /// <exception cref="ArgumentException">A name means no option or several, or a value is of another type.</exception>
    internal static T Apply<T>(Parameter point, T options)
        where T : class, IOptionGroup
    {
        T changed = OptionCheck.Copy(options);
        IReadOnlyList<OptionPath> all = OptionPath.All(changed);
        IGrouping<string, OptionPath>[] choices = [.. Choices(all)];
        foreach (string name in point.Keys.Except(choices.Select(choice => choice.Key)))
        {
            OptionPath option = Find(name, all, changed.GetType());
            option.Value = ToType(point[name], option.Declaration.Type, name);
        }

        foreach (IGrouping<string, OptionPath> choice in choices.Where(choice => point.ContainsKey(choice.Key)))
        {
            var chosen = (string?)ToType(point[choice.Key], typeof(string), choice.Key);
            if (!choice.Any(option => Alternative(option) == chosen))
            {
                throw new ArgumentException(
                    $"A sweep sets the choice '{choice.Key}' to '{chosen}'; expected one of "
                    + $"{string.Join(", ", choice.Select(Alternative).Distinct())}.");
            }

            foreach (OptionPath option in choice.Where(option => Alternative(option) != chosen))
            {
                option.Value = Off(option);
            }
        }

        return changed;
    }

    /// <summary>Checks that all keys of a space mean options, and that these can have its values.</summary>
    /// <exception cref="ArgumentException">As from <see cref="Apply"/>.</exception>
    internal static void Check<T>(Space space, T options)
        where T : class, IOptionGroup
    {
        foreach ((string name, OptionBase option) in space)
        {
            foreach (Parameter value in option is ChoiceOption choice
                ? choice.Choices
                : [option.SampleFromFeatureSpace(option.Default ?? new double[option.FeatureSpaceDim])])
            {
                Apply(Parameter.CreateNestedParameter(KeyValuePair.Create(name, value)), options);
            }
        }
    }

    private static IReadOnlyDictionary<string, int> Sizes(AudioTrainerOptions options)
    {
        if (options.FrontEnd is not { } frontEnd || (frontEnd.TargetSamples == 0 && frontEnd.TargetFrames == 0))
        {
            return options.ModelConfig.Sizes(null);
        }

        var extractor = new LogMelExtractor(frontEnd);
        int samples = frontEnd.TargetSamples > 0 ? frontEnd.TargetSamples : int.MaxValue;
        return options.ModelConfig.Sizes((extractor.FrameCount(samples), extractor.Bands));
    }

    /// <summary>The range of an option; null where it has one value only.</summary>
    private static UniformNumericOption? CreateRange(
        SweptRangeAttribute range, OptionPath option, IReadOnlyDictionary<string, int>? sizes)
    {
        (double minimum, double maximum) = (range.Minimum, range.Maximum);
        double own = Convert.ToDouble(option.Value ?? minimum, CultureInfo.InvariantCulture);
        if (range.IsLogarithmic && own <= 0)
        {
            own = minimum;
        }
        else if (double.IsFinite(range.MaximumFactor))
        {
            (minimum, maximum) = (Math.Max(minimum, own / range.MaximumFactor), Math.Min(maximum, own * range.MaximumFactor));
        }

        if (range.HalfOf is { } size && sizes?.GetValueOrDefault(size) is > 0 and int count)
        {
            maximum = Math.Min(maximum, (count + 1) / 2);
        }

        (minimum, maximum) = (Math.Min(minimum, own), range.IsAtMostOwn ? own : Math.Max(maximum, own));
        if (minimum == maximum)
        {
            return null;
        }

        Type type = Nullable.GetUnderlyingType(option.Declaration.Type) ?? option.Declaration.Type;
        return type == typeof(int) ? new WholeNumberOption((int)minimum, (int)maximum, range.IsLogarithmic, (int)own)
            : type == typeof(float) ? new UniformSingleOption((float)minimum, (float)maximum, range.IsLogarithmic, (float)own)
            : new UniformDoubleOption(minimum, maximum, range.IsLogarithmic, own);
    }

    // AutoML has members of enumerations as text.
    private static ChoiceOption CreateChoice(SweptChoiceAttribute choice, OptionPath option)
    {
        Type type = Nullable.GetUnderlyingType(option.Declaration.Type) ?? option.Declaration.Type;
        object[] values = choice.Values.Count > 0 ? [.. choice.Values]
            : type.IsEnum ? [.. Enum.GetNames(type)]
            : [true, false];
        object? own = option.Value is Enum member ? member.ToString() : option.Value;
        return new ChoiceOption(own is null || values.Contains(own) ? values : [.. values.Append(own).Order()], own);
    }

    private static IEnumerable<IGrouping<string, OptionPath>> Choices(IEnumerable<OptionPath> options) => options
        .Where(option => option.Declaration.Attribute<SweptAlternativeAttribute>() is not null)
        .GroupBy(option => option.Declaration.Attribute<SweptAlternativeAttribute>()!.Choice);

    private static string Alternative(OptionPath option) =>
        option.Declaration.Attribute<SweptAlternativeAttribute>()!.Alternative;

    private static object Off(OptionPath option) => Activator.CreateInstance(option.Declaration.Type)!;

    private static bool CanSweep(OptionPath option) => option.Declaration is { IsPlain: true, CanSet: true };

    private static string KeyOf(OptionPath option, IReadOnlyList<OptionPath> all) =>
        OptionPath.Named(all, option.Declaration.Name) is [var only] && only == option ? option.Declaration.Name : option.Path;

    private static OptionPath Find(string name, IReadOnlyList<OptionPath> all, Type type)
    {
        OptionPath[] found = [.. OptionPath.Named(all, name).Where(CanSweep)];
        if (found is [var only])
        {
            return only;
        }

        string owner = type.IsNested ? $"{type.DeclaringType!.Name}.{type.Name}" : type.Name;
        IEnumerable<string> known = all.Where(CanSweep).Select(option => KeyOf(option, all))
            .Concat(Choices(all).Select(choice => choice.Key));
        throw new ArgumentException(found.Length > 0
            ? $"A sweep names '{name}', which means several options of {owner}; expected the path of one of "
                + $"{string.Join(", ", found.Select(option => option.Path))}."
            : $"A sweep names '{name}', which is no option of {owner} that can be swept; expected one of "
                + $"{string.Join(", ", known)}.");
    }

    private static object? ToType(Parameter value, Type type, string name)
    {
        try
        {
            return s_asType.MakeGenericMethod(type).Invoke(
                value, BindingFlags.DoNotWrapExceptions, binder: null, parameters: null, culture: null);
        }
        catch (Exception e) when (e is JsonException or InvalidCastException or FormatException or NotSupportedException)
        {
            string expected = type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type))}" : $"a value of type {type.Name}";
            throw new ArgumentException($"A sweep sets the option '{name}' to {value}; expected {expected}.", e);
        }
    }
}

/// <summary>
/// A whole number in a range, both ends included, each as likely, or on a logarithmic scale as likely as its share of it.
/// AutoML's own option gives its maximum no share, and over some ranges an initial value comes back one too small.
/// </summary>
internal sealed class WholeNumberOption : UniformNumericOption
{
    public WholeNumberOption(int minimum, int maximum, bool isLogarithmic, int initial)
        : base(minimum, maximum, isLogarithmic) => Default = MappingToFeatureSpace(Parameter.FromInt(initial));

    public override Parameter SampleFromFeatureSpace(double[] values)
    {
        double end = Max + 1;
        double value = LogBase ? Min * Math.Pow(end / Min, values[0]) : Min + ((end - Min) * values[0]);
        return Parameter.FromInt((int)Math.Clamp(Math.Floor(value), Min, Max));
    }

    /// <summary>The middle of the number's share of the scale, from which it comes back whatever is rounded.</summary>
    public override double[] MappingToFeatureSpace(Parameter param)
    {
        int value = param.AsType<int>();
        return [(Edge(value) + Edge(value + 1)) / 2];

        double Edge(double number) =>
            LogBase ? Math.Log(number / Min) / Math.Log((Max + 1) / Min) : (number - Min) / (Max + 1 - Min);
    }
}
