using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioFeaturization.Tests.Checks;

[TestClass]
public sealed class OptionCheckTests
{
    private enum Shape
    {
        Round,
        Flat,
    }

    [Flags]
    private enum Sides
    {
        Left = 1,
        Right = 2,
    }

    [Flags]
    private enum Wide : ulong
    {
        Low = 1,
        High = 1UL << 63,
    }

    [TestMethod]
    public void DefaultsPass() => OptionCheck.All(new Options());

    [TestMethod]
    public void EachRuleNamesOptionValueAndRange()
    {
        Refuses(o => o.Count = 0, "Count", "0", "1 or more");
        Refuses(o => o.Percent = 101, "Percent", "101", "0 to 100");
        Refuses(o => o.Bytes = -1, "Bytes", "-1", "0 or more");
        Refuses(o => o.Share = 1, "Share", "1", "0 to less than 1");
        Refuses(o => o.Share = double.NaN, "Share", "NaN", "0 to less than 1");
        Refuses(o => o.Exponent = 0, "Exponent", "0", "above 0 to 100");
        Refuses(o => o.Seconds = double.PositiveInfinity, "Seconds", "Infinity", "a finite number, 0 or more");
        Refuses(o => o.Rate = 0, "Rate", "0", "a number above 0 that is finite in float32");
        Refuses(o => o.Rate = 1e39, "Rate", "1E+39", "a number above 0 that is finite in float32");
        Refuses(o => o.Decay = -0.5f, "Decay", "-0.5", "a number, 0 or more, that is finite in float32");
        Refuses(o => o.Mean = float.NaN, "Mean", "NaN", "a finite number");
        Refuses(o => o.Column = " ", "Column", "' '", "a column's name");
        Refuses(o => o.Column = null!, "Column", "null", "a column's name");
        Refuses(o => o.Path = "", "Path", "''", "a path, or null");
        Refuses(o => o.Even = 0, "Even", "0", "1 or more");
        Refuses(o => o.Even = 3, "Even", "3", "an even number");
    }

    [TestMethod]
    public void ValuesAtTheEndsOfARangePass()
    {
        OptionCheck.All(new Options
        {
            Count = int.MaxValue, Percent = 100, Bytes = long.MaxValue, Share = 0, Exponent = 100, Rate = float.MaxValue,
            Decay = 0, Mean = double.MaxValue, Path = null, Optional = null, OptionalShape = null, Even = 2,
        });
    }

    [TestMethod]
    public void EnumerationsAreOneOfTheirMembersAndFlagsAnyOfThem()
    {
        Refuses(o => o.Shape = (Shape)2, "Shape", "2", "one of Round, Flat");
        Refuses(o => o.OptionalShape = (Shape)(-1), "OptionalShape", "-1", "one of Round, Flat");
        Refuses(o => o.Sides = (Sides)5, "Sides", "5", "any of Left, Right");
        Refuses(o => o.Wide = (Wide)2, "Wide", "2", "any of Low, High");
        OptionCheck.All(new Options { Sides = Sides.Left | Sides.Right, Wide = Wide.Low | Wide.High });
        OptionCheck.All(new Options { Sides = 0 });
    }

    [TestMethod]
    public void NullableNumbersAreCheckedWhereTheyHaveAValue() =>
        Refuses(o => o.Optional = 0, "Optional", "0", "1 or more");

    [TestMethod]
    public void PropertiesAreOptionsToo() =>
        Refuses(new Options { Fixed = 0 }, "Fixed", "0", "1 or more");

    [TestMethod]
    public void EachItemIsCheckedAndNamedByItsIndex()
    {
        Refuses(o => o.Heads = [4, 0], "Heads[1]", "0", "1 or more");
        Refuses(o => o.Names = ["a", null!], "Names[1]", "null", "a name");
        Refuses(o => o.Weights = [1, -1], "Weights[1]", "-1", "a number, 0 or more, that is finite in float32");
        Refuses(o => o.Table = [[0], [1, double.NaN]], "Table[1][1]", "NaN", "a finite number");
        Refuses(o => o.Scales = new() { ["a"] = 1, ["b"] = 0 }, "Scales[b]", "0", "a number above 0 that is finite in float32");
        Refuses(o => o.Shapes = [Shape.Flat, (Shape)9], "Shapes[1]", "9", "one of Round, Flat");
        Refuses(o => o.Heads = null!, "Heads", "null", "an Int32[]");
        OptionCheck.All(new Options { Heads = [], Weights = null });
    }

    [TestMethod]
    public void GroupsWithinAreCheckedAndNamedWithTheirPath()
    {
        Refuses(o => o.Group.Steps = -1, "Group.Steps", "-1", "0 or more");
        Refuses(o => o.ReadOnly.Steps = -1, "ReadOnly.Steps", "-1", "0 or more");
        Refuses(o => o.Group.Inner = new Inner(0), "Group.Inner.Size", "0", "1 or more");
        Refuses(o => o.Group = null!, "Group", "null", "an OptionCheckTests.Group");
        Refuses(o => o.OptionalGroup = new Group { Steps = -2 }, "OptionalGroup.Steps", "-2", "0 or more");
        Refuses(o => o.Groups = [new Group(), new Group { Steps = -3 }], "Groups[1].Steps", "-3", "0 or more");
        Refuses(o => o.Schedule = null!, "Schedule", "null", "an Object");
        OptionCheck.All(new Options { OptionalGroup = null });
    }

    [TestMethod]
    public void APrefixStandsBeforeEveryName()
    {
        var options = new Options();
        options.Group.Steps = -1;

        var exception = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => OptionCheck.All(options, "Model."));

        Assert.AreEqual("Model.Group.Steps", exception.ParamName);
    }

    /// <summary>After the ranges of the same group, with the names' prefix.</summary>
    [TestMethod]
    public void HowOptionsFitEachOtherIsCheckedLast()
    {
        Refuses(o => (o.Group.Steps, o.Group.Warmup) = (3, 4), "Group.Warmup", "4", "at most Steps (3)");
        Refuses(o => (o.Group.Steps, o.Group.Warmup) = (-1, 4), "Group.Steps", "-1", "0 or more");
    }

    [TestMethod]
    public void OptionsOfABaseComeFirstAndOverriddenOnesCountOnce()
    {
        var derived = new Derived { Width = 0, Level = 7, Depth = 0 };

        Refuses(derived, "Width", "0", "1 or more");
        derived.Width = 1;
        Refuses(derived, "Level", "7", "0 to 5");
        derived.Level = 5;
        Refuses(derived, "Depth", "0", "1 or more");
        derived.Depth = 1;
        OptionCheck.All(derived);
    }

    [TestMethod]
    public void SingleChecksNameTheirOption()
    {
        foreach ((Action check, string message) in new (Action, string)[]
        {
            (() => OptionCheck.AtLeast(2, 1, "A"), "Option A is 1; expected 2 or more."),
            (() => OptionCheck.Positive(0, "B"), "Option B is 0; expected a number above 0 that is finite in float32."),
            (() => OptionCheck.NotNegative(-0.5, "C"),
                "Option C is -0.5; expected a number, 0 or more, that is finite in float32."),
            (() => OptionCheck.ColumnName("", "D"), "Option D is ''; expected a column's name."),
            (() => OptionCheck.That(false, 1.5, "E", "a half"), "Option E is 1.5; expected a half."),
        })
        {
            StringAssert.StartsWith(
                Assert.ThrowsExactly<ArgumentOutOfRangeException>(check).Message, message, StringComparison.Ordinal);
        }
    }

    private static void Refuses(Action<Options> change, string name, string value, string expected)
    {
        var options = new Options();
        change(options);
        Refuses(options, name, value, expected);
    }

    private static void Refuses(IOptionGroup options, string name, string value, string expected)
    {
        var exception = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => OptionCheck.All(options));
        StringAssert.StartsWith(exception.Message, $"Option {name} is {value}; expected {expected}.", StringComparison.Ordinal);
        Assert.AreEqual(name, exception.ParamName);
    }

    [AttributeUsage(AttributeTargets.Field)]
    private sealed class EvenAttribute : OptionRuleAttribute
    {
        public override string Expected => "an even number";

        public override bool Holds(object? value) => value is int number && number % 2 == 0;
    }

    private sealed class Options : IOptionGroup
    {
        [Whole(1)]
        public int Count = 1;

        [Whole(0, 100)]
        public int Percent;

        [Whole(0)]
        public long Bytes;

        [Between(0, 1, IsBelowMaximum = true)]
        public double Share = 0.5;

        [Between(0, 100, IsAboveMinimum = true)]
        public double Exponent = 1;

        [Between(0)]
        public double Seconds;

        [Positive]
        public double Rate = 1;

        [NotNegative]
        public float Decay;

        [Finite]
        public double Mean;

        [Text]
        public string Column = "Column";

        [Text("a path", OrNull = true)]
        public string? Path;

        [Whole(1)]
        [Even]
        public int Even = 2;

        [Whole(1)]
        public int? Optional;

        public Shape Shape;

        public Shape? OptionalShape;

        public Sides Sides = Sides.Left;

        public Wide Wide = Wide.Low;

        [Whole(1)]
        public int[] Heads = [1];

        [Text("a name")]
        public IReadOnlyList<string> Names = ["a", "b"];

        [NotNegative]
        public float[]? Weights;

        [Finite]
        public IReadOnlyList<double[]> Table = [[1], [2, 3]];

        [Positive]
        public Dictionary<string, double> Scales = new() { ["a"] = 1 };

        public Shape[] Shapes = [Shape.Round];

        public Group Group = new();

        public Group? OptionalGroup;

        public Group[] Groups = [new()];

        public object Schedule = new();

        [Whole(1)]
        public int Fixed { get; init; } = 1;

        public Group ReadOnly { get; } = new();

        /// <summary>Computed, and so none of the options.</summary>
        public string Computed => throw new InvalidOperationException();
    }

    private sealed class Group : IOptionGroup
    {
        [Whole(0)]
        public int Steps = 5;

        public int Warmup;

        public Inner Inner = new(1);

        void IOptionGroup.CheckTogether(string prefix) =>
            OptionCheck.That(Warmup <= Steps, Warmup, prefix + nameof(Warmup), $"at most {nameof(Steps)} ({Steps})");
    }

    private sealed record Inner([property: Whole(1)] int Size) : IOptionGroup;

    private abstract class Base : IOptionGroup
    {
        [Whole(1)]
        public int Width = 1;

        [Whole(0, 9)]
        public virtual int Level { get; set; }
    }

    private sealed class Derived : Base
    {
        [Whole(1)]
        public int Depth = 1;

        [Whole(0, 5)]
        public override int Level { get; set; }
    }
}
