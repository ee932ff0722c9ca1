using System.Collections;
using System.Globalization;
using System.Text;
using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioTransformers.Options;

/// <summary>Code that makes options again: what differs from new ones, as assignments in C#.</summary>
internal static class OptionsCode
{
    private const string Variable = "options";

    /// <summary>Code of the options of a training.</summary>
    /// <param name="options">The options.</param>
    /// <param name="seed">Seed that was used, which the options may leave open; null for none yet.</param>
    public static string Of(AudioTrainerOptions options, int? seed)
    {
        var code = new StringBuilder();
        code.Append(CultureInfo.InvariantCulture, $"var {Variable} = new {NameOf(options.GetType())}();");
        if (options.RecipeName is { } recipe)
        {
            code.Append(CultureInfo.InvariantCulture, $" // what follows has all values of {recipe}");
        }

        code.Append('\n');
        AddGroup(code, Variable, options, Activator.CreateInstance(options.GetType())!);
        if (options.Seed is null && seed is not null)
        {
            code.Append(CultureInfo.InvariantCulture, $"{Variable}.{nameof(options.Seed)} = {seed};\n");
        }

        return code.ToString();
    }

    private static void AddGroup(StringBuilder code, string path, object group, object defaults)
    {
        foreach (OptionDeclaration option in OptionDeclaration.Of(group.GetType()))
        {
            string name = $"{path}.{option.Name}";
            (object? value, object? usual) = (option.Get(group), option.Get(defaults));
            switch (value)
            {
                case IOptionGroup inner:
                    if (usual?.GetType() != inner.GetType())
                    {
                        code.Append(CultureInfo.InvariantCulture, $"{name} = new {NameOf(inner.GetType())}();\n");
                        usual = Activator.CreateInstance(inner.GetType())!;
                    }

                    AddGroup(code, name, inner, usual!);
                    break;
                case IEnumerable<IOptionGroup> groups:
                    AddGroups(code, name, [.. groups], usual is IEnumerable<IOptionGroup> others ? [.. others] : []);
                    break;
                case var _ when !option.CanSet:
                    break;
                case var _ when option.IsPlain:
                    string literal = Literal(value);
                    if (literal != Literal(usual))
                    {
                        code.Append(CultureInfo.InvariantCulture, $"{name} = {literal};\n");
                    }

                    break;
                case not null when !Equals(value, usual) && value is not CancellationToken:
                    // Someone's object: data, a callback, a schedule, which describes itself.
                    string text = value is LearningRateSchedule ? $"{value}" : "...";
                    code.Append(CultureInfo.InvariantCulture, $"// {name} = {text};\n");
                    break;
            }
        }
    }

    private static void AddGroups(StringBuilder code, string path, IOptionGroup[] groups, IOptionGroup[] defaults)
    {
        if (groups.Length != defaults.Length)
        {
            code.Append(CultureInfo.InvariantCulture, $"// {path} has {groups.Length} items; see the options.\n");
            return;
        }

        for (int i = 0; i < groups.Length; i++)
        {
            AddGroup(code, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), groups[i], defaults[i]);
        }
    }

    private static string NameOf(Type type) => type.IsNested ? $"{NameOf(type.DeclaringType!)}.{type.Name}" : type.Name;

    private static string Literal(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        string text => Quoted(text),
        float number => float.IsFinite(number) ? Text($"{number:R}f") : $"float.{NameOfSpecial(number)}",
        double number => double.IsFinite(number) ? Text($"{number:R}") : $"double.{NameOfSpecial(number)}",
        Enum member => string.Join(" | ", $"{member}".Split(", ").Select(name => $"{NameOf(member.GetType())}.{name}")),
        IEnumerable list => $"[{string.Join(", ", list.Cast<object?>().Select(Literal))}]",
        _ => Text($"{value}"),
    };

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (char character in text)
        {
            quoted.Append(character switch
            {
                '"' or '\\' => $"\\{character}",
                < ' ' => $"\\u{(int)character:x4}",
                _ => $"{character}",
            });
        }

        return quoted.Append('"').ToString();
    }

    private static string NameOfSpecial(double number) => double.IsNaN(number)
        ? nameof(double.NaN)
        : number > 0 ? nameof(double.PositiveInfinity) : nameof(double.NegativeInfinity);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
