using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioFeaturization.Tests.Checks;

[TestClass]
public sealed class OptionCopyTests
{
    [TestMethod]
    public void ACopyHasTheSameValues()
    {
        Options original = Filled();

        Options copy = OptionCheck.Copy(original);

        Assert.AreEqual(7, copy.Number);
        Assert.AreEqual("text", copy.Text);
        Assert.AreEqual(3, copy.Inherited);
        Assert.AreEqual(5, copy.Fixed);
        Assert.AreEqual(9, copy.Hidden());
        Assert.AreEqual(0.25, copy.Optional);
        CollectionAssert.AreEqual(new[] { 1, 2 }, copy.Array);
        CollectionAssert.AreEqual(new[] { "a", null }, copy.Names);
        CollectionAssert.AreEqual(new[,] { { 1, 2 }, { 3, 4 } }, copy.Matrix);
        CollectionAssert.AreEqual(new[] { 1f }, copy.Clips[0]);
        CollectionAssert.AreEqual(new[] { 1f }, copy.List[0]);
        CollectionAssert.AreEqual(new[] { 1f }, copy.ByName["KEY"]);
        Assert.AreEqual(2, copy.Group.Depth);
        Assert.AreEqual(4, ((Group)copy.Group.Inner!).Depth);
        Assert.AreEqual(6, copy.Groups[0].Depth);
        CollectionAssert.AreEqual(new[] { 1, 2 }, copy.Sizes.Depths);
        Assert.IsNull(copy.Missing);
    }

    [TestMethod]
    public void ChangesOfTheOriginalDoNotReachTheCopy()
    {
        Options original = Filled();
        Options copy = OptionCheck.Copy(original);

        Change(original);

        AssertAsFilled(copy);
    }

    [TestMethod]
    public void ChangesOfTheCopyDoNotReachTheOriginal()
    {
        Options original = Filled();

        Change(OptionCheck.Copy(original));

        AssertAsFilled(original);
    }

    [TestMethod]
    public void ObjectsOfTheirOwnAreShared()
    {
        Options original = Filled();

        Options copy = OptionCheck.Copy(original);

        Assert.AreSame(original.Schedule, copy.Schedule);
        Assert.AreSame(original.Callback, copy.Callback);
        Assert.AreSame(original.Schema, copy.Schema);
    }

    [TestMethod]
    public void ACopyIsOfTheOriginalsTypeAndNotOfTheVariables()
    {
        Base original = Filled();

        Assert.IsInstanceOfType<Options>(OptionCheck.Copy(original));
    }

    private static Options Filled()
    {
        var options = new Options
        {
            Number = 7,
            Text = "text",
            Inherited = 3,
            Fixed = 5,
            Optional = 0.25,
            Array = [1, 2],
            Names = ["a", null],
            Matrix = new[,] { { 1, 2 }, { 3, 4 } },
            Clips = [[1]],
            List = [[1]],
            ByName = new(StringComparer.OrdinalIgnoreCase) { ["key"] = [1] },
            Group = new Group { Depth = 2, Inner = new Group { Depth = 4 } },
            Groups = [new Group { Depth = 6 }],
            Sizes = new Sizes([1, 2]),
        };
        options.Hide(9);
        return options;
    }

    private static void Change(Options options)
    {
        options.Number = 0;
        options.Inherited = 0;
        options.Hide(0);
        options.Array[0] = 0;
        options.Names[0] = "b";
        options.Matrix[0, 0] = 0;
        options.Clips[0][0] = 0;
        options.List[0][0] = 0;
        options.List.Add([2]);
        options.ByName["key"][0] = 0;
        options.ByName["other"] = [2];
        options.Group.Depth = 0;
        ((Group)options.Group.Inner!).Depth = 0;
        options.Groups[0].Depth = 0;
        options.Sizes.Depths[0] = 0;
    }

    private static void AssertAsFilled(Options options)
    {
        Assert.AreEqual(7, options.Number);
        Assert.AreEqual(3, options.Inherited);
        Assert.AreEqual(9, options.Hidden());
        Assert.AreEqual(1, options.Array[0]);
        Assert.AreEqual("a", options.Names[0]);
        Assert.AreEqual(1, options.Matrix[0, 0]);
        Assert.AreEqual(1f, options.Clips[0][0]);
        Assert.AreEqual(1f, options.List[0][0]);
        Assert.HasCount(1, options.List);
        Assert.AreEqual(1f, options.ByName["key"][0]);
        Assert.HasCount(1, options.ByName);
        Assert.AreEqual(2, options.Group.Depth);
        Assert.AreEqual(4, ((Group)options.Group.Inner!).Depth);
        Assert.AreEqual(6, options.Groups[0].Depth);
        Assert.AreEqual(1, options.Sizes.Depths[0]);
    }

    private abstract class Base : IOptionGroup
    {
        public int Inherited;

        private int[] _hidden = [0];

        public int Hidden() => _hidden[0];

        public void Hide(int value) => _hidden[0] = value;
    }

    private sealed class Options : Base
    {
        public int Number;
        public string Text = "";
        public int[] Array = [];
        public string?[] Names = [];
        public int[,] Matrix = new int[0, 0];
        public IReadOnlyList<float[]> Clips = [];
        public List<float[]> List = [];
        public Dictionary<string, float[]> ByName = [];
        public IReadOnlyList<Group> Groups = [];
        public object Schedule = new();
        public Action Callback = () => { };
        public DataViewSchema Schema = new DataViewSchema.Builder().ToSchema();
        public int[]? Missing = null;

        public int Fixed { get; init; }

        public double? Optional { get; set; }

        public Group Group { get; set; } = new();

        public Sizes Sizes { get; init; } = new([]);
    }

    private sealed class Group : IOptionGroup
    {
        public int Depth;

        /// <summary>A group behind a type that is none.</summary>
        public object? Inner;
    }

    private sealed record Sizes(int[] Depths) : IOptionGroup;
}
