using Microsoft.ML.Data;

namespace AudioMLNet.StandIns.Tests.MicrosoftML;

[TestClass]
public class VBufferTests
{
    [TestMethod]
    public void AnEditorReusesWhatIsLargeEnough()
    {
        float[] values = new float[4];
        VBuffer<float> buffer = new(4, values);

        VBufferEditor<float> smaller = VBufferEditor.Create(ref buffer, 3);
        Assert.IsFalse(smaller.CreatedNewValues);
        smaller.Values.Fill(5);
        buffer = smaller.Commit();
        Assert.AreEqual(3, buffer.Length);
        Assert.IsTrue(buffer.IsDense);
        CollectionAssert.AreEqual(new[] { 5f, 5f, 5f, 0f }, values);

        VBufferEditor<float> larger = VBufferEditor.Create(ref buffer, 9, keepOldOnResize: true);
        Assert.IsTrue(larger.CreatedNewValues);
        Assert.AreEqual(9, larger.Values.Length);
        Assert.AreEqual(5f, larger.Values[2]);
    }

    [TestMethod]
    public void AnEditorOfFewerValuesIsSparse()
    {
        VBuffer<float> buffer = default;
        VBufferEditor<float> editor = VBufferEditor.Create(ref buffer, 6, valuesCount: 3);
        Assert.IsTrue(editor.CreatedNewIndices);
        new[] { 1f, 2f, 3f }.CopyTo(editor.Values);
        new[] { 1, 4, 5 }.CopyTo(editor.Indices);

        buffer = editor.CommitTruncated(2);

        Assert.IsFalse(buffer.IsDense);
        Assert.AreEqual(2, buffer.GetValues().Length);
        CollectionAssert.AreEqual(new[] { 1, 4 }, buffer.GetIndices().ToArray());
        CollectionAssert.AreEqual(new[] { 0f, 1, 0, 0, 2, 0 }, buffer.DenseValues().ToArray());
        Assert.AreEqual(2f, buffer.GetItemOrDefault(4));
        Assert.AreEqual(0f, buffer.GetItemOrDefault(5));
        Assert.AreEqual("Sparse vector of size 6, 2 explicit values", buffer.ToString());
    }

    [TestMethod]
    public void ADenseEditorHasIndicesOnlyWhenAsked()
    {
        VBuffer<int> buffer = default;

        Assert.AreEqual(0, VBufferEditor.Create(ref buffer, 3).Indices.Length);
        Assert.AreEqual(3, VBufferEditor.Create(ref buffer, 3, requireIndicesOnDense: true).Indices.Length);
        Assert.AreEqual(2, VBufferEditor.Create(ref buffer, 3, valuesCount: 2).Values.Length);
    }

    [TestMethod]
    public void AnEditorOfABufferKeepsItsContent()
    {
        VBuffer<float> buffer = new(3, [1f, 2f, 3f]);
        VBufferEditor<float> editor = VBufferEditor.CreateFromBuffer(ref buffer);

        editor.Values[1] = 7;

        CollectionAssert.AreEqual(new[] { 1f, 7, 3 }, editor.Commit().DenseValues().ToArray());
    }

    [TestMethod]
    public void ItemsAreTheExplicitOnesUnlessAllAreWanted()
    {
        VBuffer<float> buffer = new(4, 2, [8f, 9f], [0, 3]);

        CollectionAssert.AreEqual(new[] { 0, 3 }, buffer.Items().Select(item => item.Key).ToArray());
        CollectionAssert.AreEqual(new[] { 8f, 0, 0, 9 }, buffer.Items(all: true).Select(item => item.Value).ToArray());
    }

    [TestMethod]
    public void CopiesAreDeepAndKeepTheForm()
    {
        VBuffer<float> sparse = new(5, 2, [8f, 9f], [1, 3]);
        VBuffer<float> copy = default;
        sparse.CopyTo(ref copy);
        Assert.IsFalse(copy.IsDense);
        CollectionAssert.AreEqual(new[] { 1, 3 }, copy.GetIndices().ToArray());

        sparse.CopyToDense(ref copy);
        Assert.IsTrue(copy.IsDense);
        CollectionAssert.AreEqual(new[] { 0f, 8, 0, 9, 0 }, copy.GetValues().ToArray());

        VBuffer<float> part = default;
        sparse.CopyTo(ref part, 2, 3);
        CollectionAssert.AreEqual(new[] { 0f, 9, 0 }, part.DenseValues().ToArray());

        float[] destination = [7, 7, 7, 7, 7, 7];
        sparse.CopyTo(destination, 1, -1);
        CollectionAssert.AreEqual(new[] { 7f, -1, 8, -1, 9, -1 }, destination);

        float[] source = [1, 2, 3];
        VBuffer<float>.Copy(source, 1, ref copy, 2);
        source[1] = 0;
        CollectionAssert.AreEqual(new[] { 2f, 3 }, copy.DenseValues().ToArray());
    }

    [TestMethod]
    public void WhatDoesNotFitTogetherIsRefused()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new VBuffer<float>(2, [1f]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new VBuffer<float>(2, 3, [1f, 2, 3], null));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new VBuffer<float>(2, 1, [1f], null));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new VBuffer<float>(2, [1f, 2]).GetItemOrDefault(2));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new VBuffer<float>(2, [1f, 2]).CopyTo(new float[1]));
        VBuffer<float> buffer = default;
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => VBufferEditor.Create(ref buffer, -1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => VBufferEditor.Create(ref buffer, 1, valuesCount: 2));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => VBufferEditor.Create(ref buffer, 2).CommitTruncated(3));
    }
}
