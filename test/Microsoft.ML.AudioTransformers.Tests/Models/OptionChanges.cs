using System.Collections;
using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

/// <summary>Changes of every option that there is, found by reflection: a new option needs no line in a test.</summary>
internal static class OptionChanges
{
    /// <summary>
    /// Gives every option another value, in groups and lists within, too. What a list holds is changed in place, where it can
    /// be: <see cref="HoldArrays"/> sees to that.
    /// </summary>
    public static void ChangeAll(IOptionGroup options)
    {
        foreach (OptionPath option in OptionPath.All(options).Where(option => option.Declaration.CanSet))
        {
            option.Value = Other(option.Declaration.Type, option.Value);
        }
    }

    /// <summary>Puts arrays in the place of lists that hold plain values, so that those can be changed in place.</summary>
    public static void HoldArrays(IOptionGroup options)
    {
        foreach (OptionPath option in OptionPath.All(options))
        {
            if (option.Declaration is { IsList: true, IsPlain: true, CanSet: true } && option.Value is IEnumerable list)
            {
                object[] items = [.. list.Cast<object>()];
                var array = Array.CreateInstance(ItemType(option.Declaration.Type), items.Length);
                items.CopyTo(array, 0);
                option.Value = array;
            }
        }
    }

    /// <summary>Values that a declaration forbids, and the name under which a message has each of them.</summary>
    public static IReadOnlyList<(string Suffix, object? Value)> Forbidden(OptionDeclaration option)
    {
        Type type = Nullable.GetUnderlyingType(option.Type) ?? option.Type;
        if (option.IsList)
        {
            Type item = ItemType(type);
            return [.. Outside(option, item).Select(value => ("[0]", (object?)ArrayOf(item, value)))];
        }

        return
        [
            .. Outside(option, type).Select(value => ("", value)),
            .. type.IsEnum ? [("", (object?)Enum.ToObject(type, 1 << 20))] : Array.Empty<(string, object?)>(),
            .. type.IsValueType || option.IsNullable ? [] : new[] { ("", (object?)null) },
        ];
    }

    private static IEnumerable<object?> Outside(OptionDeclaration option, Type type)
    {
        IEnumerable<object> candidates =
            type == typeof(int) ? [int.MinValue, -1, 0, 1, int.MaxValue]
            : type == typeof(long) ? [long.MinValue, -1L, 0L, 1L, long.MaxValue]
            : type == typeof(float) ? [float.NaN, float.NegativeInfinity, float.PositiveInfinity, -1f, 0f, 1f, float.MaxValue]
            : type == typeof(double)
                ? [double.NaN, double.NegativeInfinity, double.PositiveInfinity, -1d, 0d, 1d, double.MaxValue]
            : type == typeof(string) ? ["", " "]
            : [];
        return candidates.Where(value => option.Rules.Any(rule => !rule.Holds(value)));
    }

    private static object? Other(Type type, object? value)
    {
        Type own = Nullable.GetUnderlyingType(type) ?? type;
        return value switch
        {
            bool flag => !flag,
            int number => number + 1,
            long number => number + 1,
            float number => number + 0.5f,
            double number => number + 0.5,
            string text => text + "x",
            Enum => Enum.GetValues(own).Cast<object>().First(member => !member.Equals(value)),
            CancellationToken => new CancellationToken(canceled: true),
            Array { Length: > 0 } array => ChangeFirst(array),
            LearningRateSchedule schedule => schedule is ConstantSchedule ? new LinearSchedule() : new ConstantSchedule(),
            null when own == typeof(string) => "x",
            null when own == typeof(LearningRateSchedule) => new ConstantSchedule(),
            null when own == typeof(Action<AudioTrainingMetrics>) =>
                (Action<AudioTrainingMetrics>)(_ => throw new InvalidOperationException("It was set too late to be called.")),
            null when own == typeof(IDataView) => new MLContext().Data.LoadFromEnumerable<ContractClip>([]),
            null when own.IsEnum => Enum.GetValues(own).GetValue(0),
            null when own.IsValueType => Other(own, Activator.CreateInstance(own)),
            null when own != typeof(string) && typeof(IEnumerable).IsAssignableFrom(own) => Array.CreateInstance(ItemType(own), 3),
            _ => null,
        };
    }

    private static Array ChangeFirst(Array array)
    {
        array.SetValue(Other(array.GetType().GetElementType()!, array.GetValue(0)), 0);
        return array;
    }

    private static Type ItemType(Type list) => list.IsArray ? list.GetElementType()! : list.GenericTypeArguments[0];

    private static Array ArrayOf(Type type, object? value)
    {
        var array = Array.CreateInstance(type, 1);
        array.SetValue(value, 0);
        return array;
    }
}
