using System.Reflection;
using AudioMLNet.TestSupport;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Arrow = AudioMLNet.Architecture.Tests.CompiledCode.Arrow;

namespace AudioMLNet.Architecture.Tests;

/// <summary>
/// The compiled code has the arrows that docs/architecture.md draws, no others, and all of them point down.
/// </summary>
[TestClass]
public class ArchitectureTests
{
    private static IEnumerable<object[]> Rooms => House.Rooms.Select(room => new object[] { room.Name });

    public static string Rule(MethodInfo method, object[] data) => House.Find((string)data[0]).ToString();

    [TestMethod]
    public void EveryTypeIsInOneRoom() => Assert.IsEmpty(
        CompiledCode.TypesWithoutRoom, $"In no room of House.Rooms, or in two: {string.Join(", ", CompiledCode.TypesWithoutRoom)}.");

    [TestMethod, DynamicData(nameof(Rooms), DynamicDataDisplayName = nameof(Rule))]
    public void ARoomNamesOnlyWhatItMay(string name)
    {
        Room room = House.Find(name);
        AssertNone(
            $"{room}",
            CompiledCode.ArrowsFrom(room).Where(arrow => !room.Rooms.Contains(arrow.Target) && !room.Packages.Contains(arrow.Target)));
    }

    [TestMethod]
    public void ARoomStandsAboveThoseItNames()
    {
        List<string> below = [];
        foreach (Room room in House.Rooms)
        {
            Assert.IsEmpty(room.Rooms.Except(below), $"{room.Name} names rooms that do not stand before it in House.Rooms.");
            below.Add(room.Name);
        }
    }

    [TestMethod]
    public void EveryArrowThatIsDrawnIsThere()
    {
        string[] missing =
        [
            .. House.Rooms.SelectMany(room => room.Rooms.Concat(room.Packages)
                .Except(CompiledCode.ArrowsFrom(room).Select(arrow => arrow.Target))
                .Select(target => $"{room.Name} does not name {target}")),
        ];
        Assert.IsEmpty(missing, $"House.Rooms draws more than there is: {string.Join("; ", missing)}.");
    }

    [TestMethod]
    public void TheDocumentationDrawsTheSame()
    {
        string expected = string.Join('\n', House.Rooms.Select(room => room.Line));
        string[] drawn = [.. File.ReadLines(Path.Combine(Checkout.Root, "docs", "architecture.md"))
            .SkipWhile(line => !line.StartsWith("| Room |", StringComparison.Ordinal))
            .Skip(2)
            .TakeWhile(line => line.StartsWith('|'))];
        Assert.AreEqual(expected, string.Join('\n', drawn), $"The table in docs/architecture.md should be\n{expected}\n");
    }

    [TestMethod]
    public void NothingNamesCharts() => AssertNone(
        "Charts is used by users, and where notebooks show them, alone",
        CompiledCode.Arrows.Where(arrow => arrow.Target == "Charts"
            && arrow.Room.Name is not ("Charts" or "AudioTransformers.Interactive")));

    [TestMethod]
    [DataRow("Files"), DataRow("Checks"), DataRow("Simd"), DataRow("Audio"), DataRow("LogMel"), DataRow("Windowing")]
    [DataRow("Drawing"), DataRow("FrontEnds"), DataRow("Checkpoints"), DataRow("Onnx"), DataRow("Models")]
    public void NothingOfMlNetIsIn(string name) => AssertNone(
        $"{name} does without ML.NET", CompiledCode.ArrowsFrom(House.Find(name)).Where(arrow => arrow.Target == "Microsoft.ML"));

    [TestMethod]
    public void AModelNamesNoOtherAndLayersNameNone() => AssertNone(
        "A model's folder stands alone",
        CompiledCode.Arrows.Where(arrow =>
            FolderInModels(arrow.Type) is string model && FolderInModels(arrow.Named) is string other && other != model
            && other != "Models/Layers"));

    private static string? FolderInModels(string type) =>
        CompiledCode.Folders(type).FirstOrDefault(folder => folder.StartsWith("Models/", StringComparison.Ordinal));

    private static void AssertNone(string rule, IEnumerable<Arrow> arrows)
    {
        string[] wrong = [.. arrows.Select(arrow => arrow.ToString()).Order(StringComparer.Ordinal)];
        Assert.IsEmpty(wrong, $"{rule}:\n{string.Join('\n', wrong)}\n");
    }
}
