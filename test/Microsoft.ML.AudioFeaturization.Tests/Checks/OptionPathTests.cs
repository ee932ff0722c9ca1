using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioFeaturization.Tests.Checks;

[TestClass]
public sealed class OptionPathTests
{
    private enum Shape
    {
        Round,
        Flat,
    }

    [TestMethod]
    public void OptionsOfGroupsAndListsOfGroupsHavePaths() => CollectionAssert.AreEqual(
        new[]
        {
            // Fields come before properties.
            "Count", "Shape", "Sizes", "Schedule", "Group.Rate", "Group.Count", "Groups[0].Rate", "Groups[0].Count",
            "Groups[1].Rate", "Groups[1].Count", "Named.Rate", "Named.Count", "Missing",
        },
        OptionPath.All(new Options()).Select(option => option.Path).ToArray());

    [TestMethod]
    public void ANameIsAPathOrTheEndOfOne()
    {
        IReadOnlyList<OptionPath> options = OptionPath.All(new Options());

        CollectionAssert.AreEqual(new[] { "Count" }, Named("Count"));
        CollectionAssert.AreEqual(new[] { "Groups[1].Rate" }, Named("Groups[1].Rate"));
        CollectionAssert.AreEqual(new[] { "Group.Rate", "Groups[0].Rate", "Groups[1].Rate", "Named.Rate" }, Named("Rate"));
        CollectionAssert.AreEqual(Array.Empty<string>(), Named("ate"));
        CollectionAssert.AreEqual(Array.Empty<string>(), Named("Group"));

        string[] Named(string name) => [.. OptionPath.Named(options, name).Select(option => option.Path)];
    }

    [TestMethod]
    public void ValuesAreReadAndSetWhereTheyAre()
    {
        var options = new Options();
        IReadOnlyList<OptionPath> paths = OptionPath.All(options);

        Assert.AreEqual(2.5, OptionPath.Named(paths, "Groups[1].Rate")[0].Value);
        OptionPath.Named(paths, "Groups[1].Rate")[0].Value = 3.5;
        OptionPath.Named(paths, "Group.Count")[0].Value = 7;
        OptionPath.Named(paths, "Shape")[0].Value = Shape.Flat;

        Assert.AreEqual((3.5, 7, Shape.Flat), (options.Groups[1].Rate, options.Group.Count, options.Shape));
        Assert.ThrowsExactly<ArgumentException>(() => OptionPath.Named(paths, "Shape")[0].Value = "Flat");
    }

    [TestMethod]
    public void PlainOptionsAreValuesAndNotObjects()
    {
        CollectionAssert.AreEqual(
            new[] { "Count", "Shape", "Sizes" },
            OptionPath.All(new Options()).Where(option => !option.Path.Contains('.', StringComparison.Ordinal))
                .Where(option => option.Declaration.IsPlain).Select(option => option.Path).ToArray());
        CollectionAssert.AreEqual(
            new[] { ("Count", "1"), ("Shape", "Round"), ("Sizes", "1, 2"), ("Group.Rate", "0.5") },
            OptionCheck.Values(new Options()).Take(4).ToArray());
    }

    [TestMethod]
    public void WhatIsDeclaredForSweepsIsSweptUnlessItsGroupIsNot() => CollectionAssert.AreEqual(
        new[] { "Shape", "Group.Rate", "Groups[0].Rate", "Groups[1].Rate" },
        OptionPath.All(new Options()).Where(option => option.IsSwept).Select(option => option.Path).ToArray());

    private sealed class Options : IOptionGroup
    {
        public int Count = 1;

        [SweptChoice]
        public Shape? Shape = OptionPathTests.Shape.Round;

        public IReadOnlyList<int> Sizes = [1, 2];

        public object Schedule = new();

        public Group? Missing { get; set; }

        public Group Group = new() { Rate = 0.5 };

        public IReadOnlyList<Group> Groups = [new(), new() { Rate = 2.5 }];

        [NotSwept]
        public Group Named = new();
    }

    private sealed class Group : IOptionGroup
    {
        public int? Count { get; set; }

        [SweptRange(0, 1)]
        public double Rate;
    }
}
